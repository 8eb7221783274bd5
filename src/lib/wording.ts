/** A number as a person reads it: `42,000`. */
export const grouped = (number: number | string): string => String(number).replace(/\B(?=(\d{3})+(?!\d))/g, ",");

/** How many of something: `1 case`, `3 cases`. */
export const counted = (many: number, one: string, more = `${one}s`): string =>
  `${grouped(many)} ${many === 1 ? one : more}`;

/** A text as a sentence begins. */
export const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
