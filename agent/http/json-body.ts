import type { FastifyInstance } from "fastify";
import { AgentError, reasonOf } from "../errors.js";

/** The limits of a body's text: far more than any request of the API needs. */
const MAX_VALUES = 5_000;
const MAX_DEPTH = 16;

/**
 * The app accepts only JSON in UTF-8. It counts the values before it creates any: a body of 1 MB can contain half a million.
 * `__proto__` is a key like any other here, and refused as unknown: nothing is ever merged.
 */
export function takeJsonOnly(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>(
    "application/json",
    { parseAs: "buffer" },
    async (_request: unknown, body: Buffer) => parseJson(body),
  );
}

/** The value in `bytes`. Throws request-invalid, with the place where it can be said. */
function parseJson(bytes: Buffer): unknown {
  const breach = boundBreach(bytes);
  if (breach !== null) throw new AgentError("request-invalid", breach);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    const isText = error instanceof SyntaxError;
    throw new AgentError(
      "request-invalid",
      isText ? `the body is not JSON: ${reasonOf(error).slice(0, 200)}` : "the body is not UTF-8",
      error,
    );
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const isOpening = (byte: number) => byte === 0x5b || byte === 0x7b;
const isClosing = (byte: number) => byte === 0x5d || byte === 0x7d;

/** Counts the separators of values outside of strings; only the parser checks whether it is JSON. */
function boundBreach(bytes: Buffer): string | null {
  let values = 1;
  let depth = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) at = endOfString(bytes, at);
    else if (isClosing(byte)) depth -= 1;
    else if (byte === COMMA || byte === COLON || isOpening(byte)) values += 1;
    if (isOpening(byte)) depth += 1;
    if (depth > MAX_DEPTH) return `the body is nested deeper than ${MAX_DEPTH} levels, at byte ${at}`;
    if (values > MAX_VALUES) return `the body holds more than ${MAX_VALUES} values, at byte ${at}`;
  }
  return null;
}

/** The position of the quote that ends the string that begins at `start`; the end of the body if there is none. */
function endOfString(bytes: Buffer, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at;
}
