/**
 * Makes foreign text (a job's output, a reason, a console, an AWS message) safe for a terminal: a character that would move the
 * cursor, clear the screen, or change the reading direction is replaced by its code.
 */

/** How much of a text is shown, in characters; a longer text is cut, with its length. */
export interface TextBounds {
  readonly line: number;
  readonly text: number;
}

/** Enough for a person, too little to fill a screen buffer. */
const SHOWN_TEXT: TextBounds = { line: 2_000, text: 20_000 };

/** Control characters (C0, DEL, C1), line and paragraph separators, direction marks, invisible characters, lone surrogates. */
const INVISIBLE =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}\u200b\u2060\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** Keeps line ends and tabs; every other character without a shape is shown as \x1b or \u202e. Bounded. */
export function visibleText(text: string, bounds: TextBounds = SHOWN_TEXT): string {
  const lines = cut(text, bounds.text).replace(/\r\n/g, "\n").split("\n");
  return lines.map((line) => cut(escapeInvisible(line), bounds.line)).join("\n");
}

/** As visibleText, on one line: its line ends are shown as \n. For a summary, or a line of news. */
export function visibleLine(text: string, longest: number = SHOWN_TEXT.line): string {
  const line = cut(text, longest).replace(/\r?\n/g, "\\n");
  return escapeInvisible(line);
}

/** Replaces every invisible character except the tab by its code. The text grows at most ninefold. */
function escapeInvisible(text: string): string {
  return text.replace(INVISIBLE, (character) => (character === "\t" ? character : codeOf(character)));
}

function codeOf(character: string): string {
  const hex = (character.codePointAt(0) ?? 0).toString(16);
  if (hex.length <= 2) return `\\x${hex.padStart(2, "0")}`;
  return hex.length <= 4 ? `\\u${hex.padStart(4, "0")}` : `\\u{${hex}}`;
}

const cut = (text: string, longest: number): string =>
  text.length <= longest ? text : `${text.slice(0, longest)}... (${text.length} characters)`;
