/** The text of a file's bytes, or why it has none: completes "it ...". */
export type Decoded = { readonly text: string } | { readonly problem: string; readonly line?: number };

const BYTE_ORDER_MARKS = [
  { name: "UTF-32", bytes: [0xff, 0xfe, 0, 0] },
  { name: "UTF-32", bytes: [0, 0, 0xfe, 0xff] },
  { name: "UTF-16", bytes: [0xff, 0xfe] },
  { name: "UTF-16", bytes: [0xfe, 0xff] },
] as const;
const LINE_FEED = 0x0a;

/** Text in UTF-8, as it is. Other encodings and NUL bytes are refused: a guess would change what the user wrote. Pure. */
export function decodeUtf8(bytes: Uint8Array): Decoded {
  const mark = BYTE_ORDER_MARKS.find((each) => each.bytes.every((byte, index) => bytes[index] === byte));
  if (mark !== undefined) return { problem: `is in ${mark.name}; ${saveAs(mark.name)}` };
  const text = decodeStart(bytes, false);
  if (text !== null && !bytes.includes(0)) return { text };
  const at = text === null ? firstBadByte(bytes) : bytes.indexOf(0);
  const line = bytes.subarray(0, at).filter((byte) => byte === LINE_FEED).length + 1;
  const byte = (bytes[at] ?? 0).toString(16).padStart(2, "0");
  // Text in UTF-16 without a byte order mark is half NUL bytes.
  const advice = text === null ? `${saveAs("latin1")} if it is in Latin-1` : "save it as UTF-8";
  return { problem: `is not text in UTF-8: byte 0x${byte} at offset ${at} (line ${line}); ${advice}`, line };
}

const saveAs = (encoding: string): string => `save it as UTF-8, e.g. with: iconv -f ${encoding} -t utf-8`;

/** The offset of the first character that is not UTF-8. */
function firstBadByte(bytes: Uint8Array): number {
  let [valid, invalid] = [0, bytes.length];
  while (invalid - valid > 1) {
    const middle = Math.floor((valid + invalid) / 2);
    if (decodeStart(bytes.subarray(0, middle), true) !== null) valid = middle;
    else invalid = middle;
  }
  // The longest valid start may end within a character, of which this leaves nothing.
  return Buffer.byteLength(decodeStart(bytes.subarray(0, valid), true) ?? "");
}

/** Null where the bytes are not UTF-8. The last character may be incomplete where `more` follows. */
function decodeStart(bytes: Uint8Array, more: boolean): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes, { stream: more });
  } catch {
    return null;
  }
}
