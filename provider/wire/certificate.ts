import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

/** A key and its self-signed certificate, made only for this process. */
export interface TlsIdentity {
  readonly keyPem: string;
  readonly certificatePem: string;
  readonly certificateDer: Buffer;
}

const DAY_MS = 86_400_000;
const OID = {
  commonName: "550403",
  organization: "55040a",
  subjectAltName: "551d11",
  keyUsage: "551d0f",
  extendedKeyUsage: "551d25",
  basicConstraints: "551d13",
  serverAuth: "2b06010505070301",
  clientAuth: "2b06010505070302",
  ecdsaWithSha256: "2a8648ce3d040302",
} as const;

/**
 * A P-256 certificate for `localhost`, the name that Terraform expects. It writes DER itself: the libraries that write certificates
 * take 100 ms to load, as long as the rest of the start.
 */
export function createIdentity(now: Date): TlsIdentity {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const signatureAlgorithm = sequence(oid(OID.ecdsaWithSha256));
  const name = sequence(
    set(sequence(oid(OID.organization), utf8("Muster"))),
    set(sequence(oid(OID.commonName), utf8("localhost"))),
  );
  const toBeSigned = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(randomBytes(16)),
    signatureAlgorithm,
    name,
    sequence(time(new Date(now.getTime() - DAY_MS)), time(new Date(now.getTime() + 30 * DAY_MS))),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    tagged(0xa3, sequence(...extensions())),
  );
  const signature = sign("sha256", toBeSigned, privateKey);
  const certificateDer = sequence(toBeSigned, signatureAlgorithm, bitString(signature, 0));
  const lines = certificateDer.toString("base64").replace(/.{64}/g, "$&\n").trimEnd();
  return {
    keyPem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    certificatePem: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    certificateDer,
  };
}

/** Its own CA, because the peer trusts exactly this certificate; no host but localhost. */
function extensions(): readonly Buffer[] {
  const critical = tagged(0x01, Buffer.from([0xff]));
  const localhost = tagged(0x82, Buffer.from("localhost"));
  // digitalSignature, keyAgreement and keyCertSign: bits 0, 4 and 5, then two unused.
  const usage = bitString(Buffer.from([0b1000_1100]), 2);
  return [
    sequence(oid(OID.basicConstraints), critical, octets(sequence(tagged(0x01, Buffer.from([0xff]))))),
    sequence(oid(OID.keyUsage), critical, octets(usage)),
    sequence(oid(OID.extendedKeyUsage), octets(sequence(oid(OID.serverAuth), oid(OID.clientAuth)))),
    sequence(oid(OID.subjectAltName), octets(sequence(localhost))),
  ];
}

/** DER: tag, length (short, or one byte that counts the length's own bytes), content. */
function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const hex = length.toString(16);
  const lengthBytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
  return Buffer.concat([Buffer.from([tag, 0x80 | lengthBytes.length]), lengthBytes, content]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => tagged(0x30, Buffer.concat(parts));
const set = (...parts: readonly Buffer[]): Buffer => tagged(0x31, Buffer.concat(parts));
const oid = (hex: string): Buffer => tagged(0x06, Buffer.from(hex, "hex"));
const utf8 = (text: string): Buffer => tagged(0x0c, Buffer.from(text));
const octets = (content: Buffer): Buffer => tagged(0x04, content);
const bitString = (content: Buffer, unusedBits: number): Buffer =>
  tagged(0x03, Buffer.concat([Buffer.from([unusedBits]), content]));

/** Positive and minimal: no sign bit, no leading zero byte that is not needed. */
function integer(bytes: Buffer): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const minimal = bytes.subarray(start);
  const needsZero = ((minimal[0] ?? 0) & 0x80) !== 0;
  return tagged(0x02, needsZero ? Buffer.concat([Buffer.from([0]), minimal]) : minimal);
}

/** UTCTime until 2049, GeneralizedTime from then on, as X.509 demands. */
function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/[-:T]|\.\d+/g, "");
  return date.getUTCFullYear() < 2050
    ? tagged(0x17, Buffer.from(digits.slice(2)))
    : tagged(0x18, Buffer.from(digits));
}
