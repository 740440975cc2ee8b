import { createHmac, createPrivateKey, createPublicKey } from "node:crypto";

/** An Ed25519 key pair, as OpenSSH writes one. */
export interface ClusterKey {
  /** The text of a private key's file. It is a secret. */
  readonly privateKey: string;
  /** `ssh-ed25519 BASE64`. */
  readonly publicKey: string;
}

const TYPE = "ssh-ed25519";
const COMMENT = "muster-nodes";
/** PKCS #8 of an Ed25519 key (RFC 8410), but for its 32 bytes. */
const PKCS8_START = Buffer.from("302e020100300506032b657004220420", "hex");
const LINE = 70;

/**
 * The key with which people on a node of a cluster reach its other nodes. It is derived from the cluster's secret, so every node has
 * the same one and none is handed over; the role tokens say nothing of it. Pure.
 */
export function clusterKey(clusterSecret: string): ClusterKey {
  const seed = createHmac("sha256", clusterSecret).update("muster:ssh-cluster-key").digest();
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_START, seed]), format: "der", type: "pkcs8" });
  const { x = "" } = createPublicKey(key).export({ format: "jwk" });
  const point = Buffer.from(x, "base64url");
  const blob = Buffer.concat([field(TYPE), field(point)]);
  return { privateKey: opensshFile(seed, point, blob), publicKey: `${TYPE} ${blob.toString("base64")}` };
}

/** OpenSSH's own format (PROTOCOL.key), without a passphrase. Its two check numbers are only for those with one. */
function opensshFile(seed: Buffer, point: Buffer, blob: Buffer): string {
  const check = Buffer.alloc(8);
  const secret = Buffer.concat([check, blob, field(Buffer.concat([seed, point])), field(COMMENT)]);
  const padding = Buffer.from(Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, index) => index + 1));
  const one = Buffer.from([0, 0, 0, 1]);
  const none = field("none");
  const body = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    ...[none, none, field(""), one, field(blob), field(Buffer.concat([secret, padding]))],
  ]).toString("base64");
  const lines = body.match(new RegExp(`.{1,${LINE}}`, "g")) ?? [];
  return ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----", ""].join(
    "\n",
  );
}

/** A text or bytes with their length before them. */
function field(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
