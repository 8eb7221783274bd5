/**
 * The part of a question that a text has what was typed in it, whatever the capitals, the accents and the kind of
 * apostrophe of either: `folded` is made by the migrations, and indexes of names hold it.
 */
export const hasPart = (text: string) => `folded(${text}) like folded(?)`;

/** What `hasPart` is asked with: signs that mean something to the database stand for themselves. */
export const partOf = (typed: string) => `%${typed.replace(/[\\%_]/g, "\\$&")}%`;
