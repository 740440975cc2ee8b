import { JOB_LIMITS } from "./job-request.js";

/** A script's text, or what is wrong with the file, completing "it ...", with the next step. */
export type ScriptText = { readonly text: string } | { readonly problem: string };

const NEXT =
  "A job carries its script as text: save it as UTF-8, or put it on /shared or into the image and run it from there with a job's command";

/**
 * The text of a Python file's bytes, so that the job's script has the same bytes again. A file that is not UTF-8, contains a NUL, or is
 * too long is a problem: nothing is replaced.
 */
export function scriptText(bytes: Uint8Array): ScriptText {
  const wide = wideEncoding(bytes);
  if (wide !== null) return { problem: `is ${wide}, by the byte-order mark at offset 0. ${NEXT}` };
  const nul = bytes.indexOf(0);
  if (nul >= 0) return { problem: `is no text: byte 0x00 at offset ${nul}${lineAt(bytes, nul)}. ${NEXT}` };
  // Python knows the byte-order mark of UTF-8, so it stays.
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const wrong = firstReplaced(text, bytes);
  if (wrong !== null) return { problem: notUtf8(bytes, wrong) };
  if (text.length <= JOB_LIMITS.scriptCharacters) return { text };
  const allowed = `allowed: at most ${JOB_LIMITS.scriptCharacters}; put it on /shared or into the image and use command`;
  return { problem: `has ${text.length} characters; ${allowed}` };
}

function notUtf8(bytes: Uint8Array, offset: number): string {
  const byte = `0x${(bytes[offset] ?? 0).toString(16).padStart(2, "0")}`;
  const declared = declaredEncoding(bytes);
  const says = declared === null ? "" : `, and line ${declared.line} declares ${declared.encoding}`;
  return `is not UTF-8: byte ${byte} at offset ${offset}${lineAt(bytes, offset)}${says}. ${NEXT}`;
}

/** The offset of the first byte that decoding replaced; null if there is none. */
function firstReplaced(text: string, bytes: Uint8Array): number | null {
  let offset = 0;
  for (const character of text) {
    const isOwn = bytes[offset] === 0xef && bytes[offset + 1] === 0xbf && bytes[offset + 2] === 0xbd;
    if (character === "\ufffd" && !isOwn) return offset;
    offset += utf8Length(character.codePointAt(0) ?? 0);
  }
  return null;
}

function utf8Length(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}

function wideEncoding([first, second]: Uint8Array): string | null {
  const isWide = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  return isWide ? "UTF-16 or UTF-32" : null;
}

/** " (line 3)", counted from 1. */
function lineAt(bytes: Uint8Array, offset: number): string {
  const before = bytes.subarray(0, offset).filter((byte) => byte === 0x0a).length;
  return ` (line ${before + 1})`;
}

/** As Python looks for it: a comment in one of the first two lines. */
const CODING_LINE = /^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]{1,40})/;

function declaredEncoding(bytes: Uint8Array): { readonly line: number; readonly encoding: string } | null {
  const start = new TextDecoder("latin1").decode(bytes.subarray(0, 1_000));
  for (const [index, line] of start.split("\n").slice(0, 2).entries()) {
    const encoding = CODING_LINE.exec(line)?.[1];
    if (encoding !== undefined) return { line: index + 1, encoding };
  }
  return null;
}
