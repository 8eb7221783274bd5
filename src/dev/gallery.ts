import type { Response } from "express";
export const galleryPages = () => [];
export const showGalleryPage = (_res: Response, _page: string, _state: string) => {};
