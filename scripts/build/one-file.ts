import { brotliCompressSync } from "node:zlib";
import type { BuildOptions } from "esbuild";
import { bundleParts, type Part, renderLoader } from "./lazy-parts.js";

/** A part below this size is not worth unpacking. */
const SMALL_CHARS = 4_000;

/** A program as one file whose parts are compiled when they are first used. `options` has one entry point. The same sources give the same bytes. */
export async function bundleLazily(options: BuildOptions, header: string): Promise<Buffer> {
  return joinParts(await bundleParts(options), header);
}

/** What each start needs, and what is small, is a text of the program. The rest is compressed in its last comment, and read from the file. */
function joinParts(parts: readonly Part[], header: string): Buffer {
  const packed: string[] = [];
  let at = 0;
  const entries = parts.map(({ name, code, isNeeded }) => {
    if (isNeeded || code.length < SMALL_CHARS) return `${JSON.stringify(name)}:${JSON.stringify(code)}`;
    const text = brotliCompressSync(code).toString("base64");
    packed.push(text);
    at += text.length;
    return `${JSON.stringify(name)}:[${at - text.length},${text.length}]`;
  });
  const program = `${header}\n${renderLoader(entries, READ)}\n/*`;
  const start = Buffer.byteLength(program) - START_MARK.length + START_DIGITS;
  return Buffer.from(
    `${program.replace(START_MARK, () => String(start).padStart(START_DIGITS))}${packed.join("")}*/\n`,
  );
}

/** Where the compressed parts begin, in a field of fixed width: it does not move what it counts. */
const START_MARK = "@START@";
const START_DIGITS = 9;

const READ = `function read([at, length]) {
  const { openSync, readSync, closeSync } = require("node:fs"), bytes = Buffer.alloc(length), file = openSync(__filename);
  try { readSync(file, bytes, 0, length, ${START_MARK} + at); } finally { closeSync(file); }
  return require("node:zlib").brotliDecompressSync(Buffer.from(bytes.toString("latin1"), "base64")).toString();
}`;
