/**
 * DER, as far as certificates need it. Own code: @peculiar/x509 takes 0.7 s to load on a busy machine, and openssl 30 ms for each
 * certificate; this takes 2 ms, in every agent, in each call of a command, and in Terraform's provider.
 * @see https://www.itu.int/rec/T-REC-X.690
 */

/** Tag, length (short, or one byte that counts the length's own bytes), content. */
export function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const hex = length.toString(16);
  const lengthBytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
  return Buffer.concat([Buffer.from([tag, 0x80 | lengthBytes.length]), lengthBytes, content]);
}

export const sequence = (...parts: readonly Buffer[]): Buffer => tagged(0x30, Buffer.concat(parts));
export const set = (...parts: readonly Buffer[]): Buffer => tagged(0x31, Buffer.concat(parts));
/** `hex` is the identifier's content, encoded. */
export const oid = (hex: string): Buffer => tagged(0x06, Buffer.from(hex, "hex"));
export const utf8 = (text: string): Buffer => tagged(0x0c, Buffer.from(text));
export const octets = (content: Buffer): Buffer => tagged(0x04, content);
export const bitString = (content: Buffer, unusedBits: number): Buffer =>
  tagged(0x03, Buffer.concat([Buffer.from([unusedBits]), content]));
export const TRUE: Buffer = tagged(0x01, Buffer.from([0xff]));

/** Positive and minimal: no sign bit, no leading zero byte that is not needed. */
export function integer(bytes: Buffer): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const minimal = bytes.subarray(start);
  const needsZero = ((minimal[0] ?? 0) & 0x80) !== 0;
  return tagged(0x02, needsZero ? Buffer.concat([Buffer.from([0]), minimal]) : minimal);
}

/** UTCTime until 2049, GeneralizedTime from then on, as X.509 demands. */
export function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/[-:T]|\.\d+/g, "");
  return date.getUTCFullYear() < 2050
    ? tagged(0x17, Buffer.from(digits.slice(2)))
    : tagged(0x18, Buffer.from(digits));
}
