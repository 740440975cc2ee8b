import { createHash, type KeyObject, sign } from "node:crypto";
import { bitString, integer, octets, oid, sequence, set, TRUE, tagged, time, utf8 } from "./der.js";

const OID = {
  commonName: "550403",
  organization: "55040a",
  subjectKeyIdentifier: "551d0e",
  keyUsage: "551d0f",
  subjectAltName: "551d11",
  basicConstraints: "551d13",
  authorityKeyIdentifier: "551d23",
  extendedKeyUsage: "551d25",
  serverAuth: "2b06010505070301",
  clientAuth: "2b06010505070302",
  ecdsaWithSha256: "2a8648ce3d040302",
} as const;

/** What a certificate says. Names are common names, below the organization Muster. */
export interface CertificateFacts {
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly issuer: string;
  /** The issuer's public and private key, both on P-256. */
  readonly issuerPublicKey: KeyObject;
  readonly issuerKey: KeyObject;
  /** 16 bytes, never twice for one issuer. */
  readonly serial: Buffer;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** `authority`: it signs others. Else it is for a server that has these names. */
  readonly use: "authority" | readonly Buffer[];
}

/** The X.509 certificate, as DER. Its signature is another each time. */
export function writeCertificate(facts: CertificateFacts): Buffer {
  const algorithm = sequence(oid(OID.ecdsaWithSha256));
  const toBeSigned = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(facts.serial),
    algorithm,
    name(facts.issuer),
    sequence(time(facts.notBefore), time(facts.notAfter)),
    name(facts.subject),
    spki(facts.publicKey),
    tagged(0xa3, sequence(...extensions(facts))),
  );
  const signature = sign("sha256", toBeSigned, facts.issuerKey);
  return sequence(toBeSigned, algorithm, bitString(signature, 0));
}

/** A certificate's text, as files and OpenSSL have it. */
export function pemOf(certificate: Buffer): string {
  const lines = certificate.toString("base64").replace(/.{64}/g, "$&\n").trimEnd();
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

/** Names of a server: what a client dials has to be among them. */
export const dnsName = (host: string): Buffer => tagged(0x82, Buffer.from(host));
export const uriName = (uri: string): Buffer => tagged(0x86, Buffer.from(uri));
export const ipv4Name = (address: string): Buffer =>
  tagged(0x87, Buffer.from(address.split(".").map(Number)));

/** What tells one key from another: 20 bytes. */
export const keyIdentifier = (publicKey: KeyObject): Buffer =>
  createHash("sha256").update(spki(publicKey)).digest().subarray(0, 20);

const spki = (publicKey: KeyObject): Buffer => publicKey.export({ type: "spki", format: "der" });

const name = (commonName: string): Buffer =>
  sequence(
    set(sequence(oid(OID.organization), utf8("Muster"))),
    set(sequence(oid(OID.commonName), utf8(commonName))),
  );

function extensions({ use, publicKey, issuerPublicKey }: CertificateFacts): readonly Buffer[] {
  const keys = [
    sequence(oid(OID.subjectKeyIdentifier), octets(octets(keyIdentifier(publicKey)))),
    sequence(oid(OID.authorityKeyIdentifier), octets(sequence(tagged(0x80, keyIdentifier(issuerPublicKey))))),
  ];
  if (use === "authority") {
    // keyCertSign and cRLSign: bits 5 and 6, then one unused.
    return [basics(TRUE), usage(0b0000_0110, 1), ...keys];
  }
  return [
    basics(),
    // digitalSignature: bit 0, then seven unused.
    usage(0b1000_0000, 7),
    sequence(oid(OID.extendedKeyUsage), octets(sequence(oid(OID.serverAuth), oid(OID.clientAuth)))),
    sequence(oid(OID.subjectAltName), octets(sequence(...use))),
    ...keys,
  ];
}

const basics = (...isAuthority: readonly Buffer[]): Buffer =>
  sequence(oid(OID.basicConstraints), TRUE, octets(sequence(...isAuthority)));
const usage = (bits: number, unused: number): Buffer =>
  sequence(oid(OID.keyUsage), TRUE, octets(bitString(Buffer.from([bits]), unused)));
