import { isUtf8 } from "node:buffer";
import { decode, ExtData, type ExtensionCodecType, encode } from "@msgpack/msgpack";
import { UNKNOWN, type Value } from "../core/value.js";
import { ValueError } from "./value-error.js";

/**
 * Unknown values are extension 0. Refined ones (12) contain more, and later codes may follow: all mean "unknown", and a refinement
 * may always be ignored.
 */
const extensionCodec: ExtensionCodecType<undefined> = {
  tryToEncode: (value: unknown) => (value === UNKNOWN ? new ExtData(0, new Uint8Array([0])) : null),
  decode: () => UNKNOWN,
};
const MAX_DEPTH = 1000;

export function encodeMsgpack(value: Value): Buffer {
  const bytes = encode(value, { extensionCodec, maxDepth: MAX_DEPTH });
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** 64-bit integers are bigints. For any invalid bytes, throws ValueError and nothing else. */
export function decodeMsgpack(bytes: Buffer): unknown {
  checkForm(bytes);
  try {
    return decode(bytes, { extensionCodec, useBigInt64: true });
  } catch (error) {
    // Well-formed, but with a key that objects here can't have.
    throw new ValueError([], `can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The size of a value's content: `length` bytes or elements, or the number in the next `lengthBytes` bytes. */
interface Header {
  readonly kind: "data" | "text" | "list" | "map";
  readonly length: number;
  readonly lengthBytes: number;
}
const data = (length: number): Header => ({ kind: "data", length, lengthBytes: 0 });
const sized = (kind: Header["kind"], lengthBytes: number, length = 0): Header => ({
  kind,
  length,
  lengthBytes,
});

/** 0xc0 to 0xdf. An extension has one byte more than its length: its type. */
const HEADERS: readonly (Header | null)[] = [
  ...[data(0), null, data(0), data(0)],
  ...[sized("data", 1), sized("data", 2), sized("data", 4)],
  ...[sized("data", 1, 1), sized("data", 2, 1), sized("data", 4, 1)],
  ...[data(4), data(8), data(1), data(2), data(4), data(8), data(1), data(2), data(4), data(8)],
  ...[data(2), data(3), data(5), data(9), data(17)],
  ...[sized("text", 1), sized("text", 2), sized("text", 4)],
  ...[sized("list", 2), sized("list", 4), sized("map", 2), sized("map", 4)],
];

function headerOf(byte: number): Header | null {
  if (byte < 0x80 || byte >= 0xe0) return data(0);
  if (byte < 0x90) return sized("map", 0, byte & 0x0f);
  if (byte < 0xa0) return sized("list", 0, byte & 0x0f);
  if (byte < 0xc0) return sized("text", 0, byte & 0x1f);
  return HEADERS[byte - 0xc0] ?? null;
}

/**
 * Checks for one whole value and nothing after it, with texts in UTF-8. The library trusts every length, so ten bytes could make it
 * allocate gigabytes, and it decodes any bytes as text.
 */
function checkForm(bytes: Buffer): void {
  let at = 0;
  for (let awaited = 1; awaited > 0; awaited--) {
    const header = headerOf(bytes[at] ?? 0);
    if (header === null) throw malformed(`nothing begins with the byte at ${at}`);
    const begin = at + 1 + header.lengthBytes;
    if (begin > bytes.length) throw malformed("it is cut short");
    const said = header.lengthBytes === 0 ? 0 : bytes.readUIntBE(at + 1, header.lengthBytes);
    const length = header.length + said;
    at = begin;
    if (header.kind === "list") awaited += length;
    else if (header.kind === "map") awaited += 2 * length;
    else at += length;
    // Each further awaited value takes at least one byte.
    if (at + awaited - 1 > bytes.length) throw malformed("it is cut short");
    if (header.kind === "text" && !isUtf8(bytes.subarray(begin, at))) {
      throw malformed(`the text at ${begin} is not UTF-8`);
    }
  }
  if (at < bytes.length) throw malformed(`${bytes.length - at} bytes follow its end`);
}

const malformed = (why: string): ValueError => new ValueError([], `is not well-formed msgpack: ${why}`);
