import {
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { ipv4Name, keyIdentifier, pemOf, uriName, writeCertificate } from "./certificate.js";

/**
 * A cluster's own certificate authority. Its key follows from the cluster's secret, so every program that can read the secret has
 * the same authority, and nothing is distributed. Keep it in memory only.
 */
export interface Authority {
  /** The common name: the same wherever it is derived, as is the key. */
  readonly name: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** What a server shows, as PEM. `certificate` may be followed by others up to an authority. */
export interface ServerIdentity {
  readonly key: string;
  readonly certificate: string;
  /** By the clock of the machine that made it. */
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** A dialled node is the one at that address, of that cluster. */
export interface ServedNode {
  readonly clusterUuid: string;
  /** IPv4. */
  readonly address: string;
}

/**
 * An authority has no date of its own: a cluster that is resumed after years still has the same. No date is RFC 5280's
 * 99991231235959Z.
 * @see https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.5
 */
const AUTHORITY_DATES = {
  notBefore: new Date("2020-01-01T00:00:00Z"),
  notAfter: new Date("9999-12-31T23:59:59Z"),
} as const;
const DAY_MS = 86_400_000;
/**
 * A node's certificate begins a day before it is made, and ends a week later: clocks that differ by less than a day, and an agent that
 * makes its next one late, are no matter.
 */
const SERVER_DATES = { earlierMs: DAY_MS, laterMs: 7 * DAY_MS } as const;

/** The order of P-256's group. */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
/** 16 bytes more than the order has, so that no key is likelier than another. */
const SEED_BYTES = 48;

/** The authority of the cluster with this secret, the SecureString's value. Takes half a millisecond; the same each time. */
export function deriveAuthority(clusterSecret: string, clusterUuid: string): Authority {
  const info = `muster:certificate-authority:${clusterUuid}`;
  const seed = Buffer.from(hkdfSync("sha256", clusterSecret, "", info, SEED_BYTES));
  const scalar = (BigInt(`0x${seed.toString("hex")}`) % (ORDER - 1n)) + 1n;
  const d = Buffer.from(scalar.toString(16).padStart(64, "0"), "hex");
  const curve = createECDH("prime256v1");
  curve.setPrivateKey(d);
  const point = curve.getPublicKey();
  const jwk = {
    kty: "EC",
    crv: "P-256",
    d: d.toString("base64url"),
    x: point.subarray(1, 33).toString("base64url"),
    y: point.subarray(33, 65).toString("base64url"),
  };
  const privateKey = createPrivateKey({ key: jwk, format: "jwk" });
  const publicKey = createPublicKey(privateKey);
  // Of two authorities of one cluster a client finds the right one by the name, too.
  const mark = keyIdentifier(publicKey).toString("hex").slice(0, 8);
  return { name: `cluster ${clusterUuid} (${mark})`, publicKey, privateKey };
}

/** The certificate that a client trusts, as PEM. Only its signature is another each time, and clients do not look at that. */
export const authorityCertificate = (authority: Authority): string => certify(authority, authority);

/**
 * The certificate of `newer` by `older`: who trusts only the older one follows it to servers of the newer one. A server sends it
 * after its own.
 */
export const crossCertificate = (newer: Authority, older: Authority): string => certify(newer, older);

function certify(subject: Authority, issuer: Authority): string {
  const serial = createHash("sha256").update(`${issuer.name}\n${subject.name}`).digest().subarray(0, 16);
  const certificate = writeCertificate({
    ...{ subject: subject.name, publicKey: subject.publicKey },
    ...{ issuer: issuer.name, issuerPublicKey: issuer.publicKey, issuerKey: issuer.privateKey },
    ...{ serial, ...AUTHORITY_DATES, use: "authority" },
  });
  return pemOf(certificate);
}

/** A new key and its certificate for the node. `older`: an authority that clients may still trust instead of this one. */
export function issueServerIdentity(
  authority: Authority,
  { clusterUuid, address }: ServedNode,
  { now, older = null }: { readonly now: Date; readonly older?: Authority | null },
): ServerIdentity {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const notBefore = new Date(now.getTime() - SERVER_DATES.earlierMs);
  const notAfter = new Date(now.getTime() + SERVER_DATES.laterMs);
  const certificate = writeCertificate({
    ...{ subject: `node ${address}`, publicKey },
    ...{ issuer: authority.name, issuerPublicKey: authority.publicKey, issuerKey: authority.privateKey },
    ...{ serial: randomBytes(16), notBefore, notAfter },
    use: [ipv4Name(address), uriName(`urn:uuid:${clusterUuid}`)],
  });
  const key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const chain = older === null ? "" : crossCertificate(authority, older);
  return { key, certificate: pemOf(certificate) + chain, notBefore, notAfter };
}

/** Whether the server needs another certificate: it is more than a day old, or its machine's clock was set back, so that it is soon not valid yet. */
export function isToRenew({ notBefore }: Pick<ServerIdentity, "notBefore">, now: Date): boolean {
  const sinceMade = now.getTime() - (notBefore.getTime() + SERVER_DATES.earlierMs);
  return sinceMade >= DAY_MS || sinceMade < -DAY_MS / 2;
}
