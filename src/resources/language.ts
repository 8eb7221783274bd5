export const languages = ["en", "es"] as const;
export type Language = (typeof languages)[number];

/** Each by its own name. */
export const languageNames: Record<Language, string> = { en: "English", es: "Español" };
