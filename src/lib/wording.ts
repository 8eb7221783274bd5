/** How many of something: `1 case`, `3 cases`. */
export const counted = (many: number, one: string, more = `${one}s`): string => `${many} ${many === 1 ? one : more}`;

/** A text as a sentence begins. */
export const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
