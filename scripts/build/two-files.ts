import { createHash } from "node:crypto";
import { bundleParts, type PartOptions, renderLoader } from "./lazy-parts.js";

/** A program, and the file of the parts that not each start needs. */
export interface TwoFiles {
  /** In CommonJS. It finds the parts in the file of that name beside it. */
  readonly program: string;
  /** The same for an executable with Node.js in it, which has the parts as an asset of that name. */
  readonly forExecutable: string;
  readonly parts: Buffer;
}

/**
 * A program whose parts are read and compiled when they are first used. Unlike those of one file, they don't lengthen what Node.js reads at every
 * start. `incomplete` is what a person reads when the parts are missing, or those of another build: `PATH` is the file's. The
 * same sources give the same bytes.
 */
export async function bundleInTwo(
  options: PartOptions,
  partsName: string,
  incomplete: string,
): Promise<TwoFiles> {
  const texts: Buffer[] = [];
  let at = HASH_CHARS;
  const entries = (await bundleParts(options)).map(({ name, code, isNeeded }) => {
    if (isNeeded) return `${JSON.stringify(name)}:${JSON.stringify(code)}`;
    const text = Buffer.from(code);
    texts.push(text);
    at += text.length;
    return `${JSON.stringify(name)}:[${at - text.length},${text.length}]`;
  });
  const rest = Buffer.concat(texts);
  const hash = createHash("sha256").update(rest).digest("hex");
  return {
    program: renderLoader(entries, readFromFile(partsName, hash, incomplete)),
    forExecutable: renderLoader(entries, readFromAsset(partsName)),
    parts: Buffer.concat([Buffer.from(hash), rest]),
  };
}

/** The file begins with the hash of what follows: a program that another build has just replaced does not read its parts. */
const HASH_CHARS = 64;

const readFromFile = (
  name: string,
  hash: string,
  incomplete: string,
): string => `const fs = require("node:fs");
function bytesAt(at, length) {
  const bytes = Buffer.alloc(length);
  fs.readSync(file, bytes, 0, length, at);
  return bytes.toString();
}
let file;
try { file = fs.openSync(__dirname + ${JSON.stringify(`/${name}`)}); } catch {}
if (file === undefined || bytesAt(0, ${HASH_CHARS}) !== "${hash}") {
  console.log(${JSON.stringify(incomplete)}.replace("PATH", () => __dirname + ${JSON.stringify(`/${name}`)}));
  process.exit(1);
}
function read([at, length]) { return bytesAt(at, length); }`;

const readFromAsset = (name: string): string => `function read([at, length]) {
  return Buffer.from(require("node:sea").getRawAsset(${JSON.stringify(name)}), at, length).toString();
}`;
