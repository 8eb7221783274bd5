import { formatDate, type IsoDate } from "./dates.ts";

/** The languages in which a patient is written to. */
export type Language = "en" | "es";

const meses = [
  "enero",
  "febrero",
  "marzo",
  "abril",
  "mayo",
  "junio",
  "julio",
  "agosto",
  "septiembre",
  "octubre",
  "noviembre",
  "diciembre",
];

/** `Nov 23, 2026`, or `23 de noviembre de 2026`. */
export function formatDateIn(language: Language, date: IsoDate): string {
  if (language === "en") return formatDate(date);
  return `${Number(date.slice(8, 10))} de ${meses[Number(date.slice(5, 7)) - 1]} de ${date.slice(0, 4)}`;
}
