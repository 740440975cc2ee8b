import { createHash } from "node:crypto";
import { brotliCompressSync } from "node:zlib";
import { bundleParts, FIRST_PART, type Part, type PartOptions, renderLoader } from "./lazy-parts.js";

/** A part below this size is not worth unpacking. */
const SMALL_CHARS = 4_000;
const CODE_CACHE = "code-cache";

/**
 * A program as one file whose parts are compiled when they are first used, by what a start before has kept of that: `codeCache` is the file whose
 * `useCodeCache` says how. The same sources give the same bytes.
 */
export async function bundleLazily(
  { apart, ...options }: PartOptions,
  header: string,
  codeCache: string,
): Promise<Buffer> {
  const parts = await bundleParts({
    ...options,
    apart: { ...apart, [CODE_CACHE]: codeCache },
    first: [CODE_CACHE],
  });
  return joinParts(parts, header);
}

/**
 * What the program starts with is a text of it. All else is in its last comment, and read from the file: Node.js would take each text apart, word by
 * word, at every start. What is small, or each start needs, stands there as it is; the rest is compressed.
 */
function joinParts(parts: readonly Part[], header: string): Buffer {
  const held: string[] = [];
  let at = 0;
  const entries = parts.map(({ name, code, isNeeded }) => {
    if (name === FIRST_PART) return `${JSON.stringify(name)}:${JSON.stringify(code)}`;
    const isPacked = (!isNeeded && code.length >= SMALL_CHARS) || !ASCII.test(code);
    const text = isPacked ? brotliCompressSync(code).toString("base64") : code.replaceAll("*/", NO_END);
    held.push(text);
    at += text.length;
    return `${JSON.stringify(name)}:[${at - text.length},${text.length}${isPacked ? ",1" : ""}]`;
  });
  const program = `${header}\n${renderLoader(entries, READ, renderCache(parts))}\n/*`;
  const start = Buffer.byteLength(program) - START_MARK.length + START_DIGITS;
  return Buffer.from(
    `${program.replace(START_MARK, () => String(start).padStart(START_DIGITS))}${held.join("")}*/\n`,
  );
}

/** What is kept of a program is for no other: not for one of another build, where a part of the same name may have another text. */
function renderCache(parts: readonly Part[]): string {
  const hash = createHash("sha256").update(JSON.stringify(parts.map(({ name, code }) => [name, code])));
  const program = hash.digest("hex").slice(0, PROGRAM_DIGITS);
  return `compile = load("${CODE_CACHE}.js").useCodeCache("${program}") ?? compile;\n`;
}
const PROGRAM_DIGITS = 32;

/** Its characters are its bytes: a part is read by its place. esbuild writes nothing else, but in comments of authors. */
const ASCII = /^[\t\n -~]*$/;
/** In place of the end of a comment. esbuild writes this character as an escape. */
const NO_END = "*\u0001/";

/** Where the parts in the comment begin, in a field of fixed width: it does not move what it counts. */
const START_MARK = "@START@";
const START_DIGITS = 9;

const READ = `const fs = require("node:fs");
let file;
function read([at, length, isPacked]) {
  const bytes = Buffer.allocUnsafe(length);
  fs.readSync(file ??= fs.openSync(__filename), bytes, 0, length, ${START_MARK} + at);
  const text = bytes.toString("latin1");
  return isPacked ? require("node:zlib").brotliDecompressSync(Buffer.from(text, "base64")).toString() : text.replaceAll(${JSON.stringify(NO_END)}, "*/");
}`;
