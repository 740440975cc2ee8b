import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { dnsName, pemOf } from "../../agent/contract/tls/certificate.js";
import {
  bitString,
  integer,
  octets,
  oid,
  sequence,
  set,
  TRUE,
  tagged,
  time,
  utf8,
} from "../../agent/contract/tls/der.js";

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

/** A P-256 certificate for `localhost`, the name that Terraform expects. */
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
  return {
    keyPem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    certificatePem: pemOf(certificateDer),
    certificateDer,
  };
}

/** Its own CA, because the peer trusts exactly this certificate; no host but localhost. */
function extensions(): readonly Buffer[] {
  // digitalSignature, keyAgreement and keyCertSign: bits 0, 4 and 5, then two unused.
  const usage = bitString(Buffer.from([0b1000_1100]), 2);
  return [
    sequence(oid(OID.basicConstraints), TRUE, octets(sequence(TRUE))),
    sequence(oid(OID.keyUsage), TRUE, octets(usage)),
    sequence(oid(OID.extendedKeyUsage), octets(sequence(oid(OID.serverAuth), oid(OID.clientAuth)))),
    sequence(oid(OID.subjectAltName), octets(sequence(dnsName("localhost")))),
  ];
}
