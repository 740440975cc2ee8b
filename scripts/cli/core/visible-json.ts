/** Characters that JSON does not escape but that control a terminal. */
const RISKY = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** JSON's text without characters that control a terminal; it says the same. Pure. */
export const visibleJson = (text: string): string =>
  text.replace(RISKY, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
