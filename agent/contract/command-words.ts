import { JOB_LIMITS, textProblem } from "./job-request.js";

/** A command's words, or what is wrong with its text, completing "it ...". */
export type CommandWords = { readonly words: string[] } | { readonly problem: string };

/** Between words. */
const BLANKS = " \t\r\n";
/** A whole word that only a shell would understand. */
const OPERATOR = /^(?:[|&;<>]+|[0-9]*>>?(?:&[0-9])?|\$\(.*|`.*)$/;

/**
 * Splits a command as a person types it into its words, as Python's `shlex.split` does: blanks separate words; single quotes
 * keep everything as it is; in double quotes a backslash keeps a following `"` or `\`; elsewhere it keeps any following
 * character. Nothing is expanded, and there is no shell: an operator of a shell (`>`, `|`, `&&`) is a problem unless it is quoted.
 * Not by a library: `string-argv` knows no backslash outside of quotes, `shell-quote` replaces variables. Pure; linear in the length.
 */
export function commandWords(text: string): CommandWords {
  const spoilt = textProblem(text);
  if (spoilt !== null) return { problem: spoilt };
  const words: string[] = [];
  let at = 0;
  for (;;) {
    while (at < text.length && BLANKS.includes(text.charAt(at))) at += 1;
    if (at === text.length) break;
    const word = readWord(text, at);
    if ("problem" in word) return word;
    if (!word.isQuoted && OPERATOR.test(word.value)) return { problem: operatorProblem(word.value) };
    if (word.value === "") return { problem: "has an empty word; leave it out" };
    // Before there are half a million of them, which a body of 1 MB may hold.
    if (words.length === JOB_LIMITS.words)
      return { problem: `has more than the ${JOB_LIMITS.words} words that it may have` };
    words.push(word.value);
    at = word.end;
  }
  return words.length === 0 ? { problem: "has no word" } : { words };
}

/** The command as it is stored: a list as it is, a text split. */
export const wordsOf = (command: string | readonly string[]): CommandWords =>
  typeof command === "string" ? commandWords(command) : { words: [...command] };

interface Word {
  readonly value: string;
  /** Whether any part of it was quoted. */
  readonly isQuoted: boolean;
  /** Just behind it. */
  readonly end: number;
}

function readWord(text: string, start: number): Word | { readonly problem: string } {
  let value = "";
  let isQuoted = false;
  let at = start;
  while (at < text.length && !BLANKS.includes(text.charAt(at))) {
    const character = text.charAt(at);
    if (character === "'" || character === '"') {
      const end = endOfQuote(text, at);
      if (end === null)
        return { problem: `has a quote (${character}) at character ${at + 1} without its end` };
      const inner = text.slice(at + 1, end);
      value += character === "'" ? inner : inner.replace(/\\(["\\])/g, "$1");
      isQuoted = true;
      at = end + 1;
    } else if (character === "\\") {
      if (at + 1 === text.length)
        return { problem: "ends with a backslash, which keeps a following character" };
      value += text.charAt(at + 1);
      isQuoted = true;
      at += 2;
    } else {
      value += character;
      at += 1;
    }
  }
  return { value, isQuoted, end: at };
}

/** Where the quote that opens at `start` closes; null: it does not. */
function endOfQuote(text: string, start: number): number | null {
  const quote = text.charAt(start);
  for (let at = start + 1; at < text.length; at += 1) {
    if (text.charAt(at) === quote) return at;
    const next = text.charAt(at + 1);
    if (quote === '"' && text.charAt(at) === "\\" && (next === '"' || next === "\\")) at += 1;
  }
  return null;
}

const operatorProblem = (word: string): string =>
  `has ${JSON.stringify(word.slice(0, 20))}, and there is no shell; put it in quotes if it is an argument`;
