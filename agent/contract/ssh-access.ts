/** Who may log in to a cluster's nodes by ssh: as the user muster, with one of these keys. */

/** All keys are in user data, which EC2 limits to 16 KB. */
export const SSH_KEY_LIMITS = { keys: 16, characters: 2_000, bytes: 6_000 } as const;

const TYPES = [
  "ssh-ed25519",
  "sk-ssh-ed25519@openssh.com",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "sk-ecdsa-sha2-nistp256@openssh.com",
  "ssh-rsa",
] as const;
const LEAST_RSA_BITS = 2_048;
/** It stays as it is in JSON, in a shell's quoted text and in Terraform. */
const COMMENT = /^[A-Za-z0-9@._+=:, /()-]{0,100}$/;

/**
 * What is wrong with a public key, a line of a `.pub` file; null: nothing. It never repeats the text, which may be a private key.
 * Pure.
 */
export function sshKeyProblem(text: string): string | null {
  if (/PRIVATE KEY/.test(text))
    return "is a private key, which must not leave its owner's machine: give the public one, the file that ends in .pub";
  if (text.length > SSH_KEY_LIMITS.characters) return `has more than ${SSH_KEY_LIMITS.characters} characters`;
  if (text !== text.trim() || /[\r\n\t]/.test(text)) return "must be one line, without blanks around it";
  const [type = "", blob = "", ...comment] = text.split(" ");
  if (!isKeyType(type)) return typeProblem(type, text);
  if (!COMMENT.test(comment.join(" ")))
    return "has a comment with characters that are not allowed: letters, digits and @._+=:,/()- are";
  return blobProblem(type, blob);
}

const isKeyType = (word: string): boolean => (TYPES as readonly string[]).includes(word);

function typeProblem(type: string, text: string): string {
  if (type === "ssh-dss")
    return "is a DSA key, which ssh does not take any more: make an Ed25519 key (ssh-keygen -t ed25519)";
  if (text.split(/[ ,"]/).some(isKeyType))
    return `begins with options, which are not allowed: begin with the key's type`;
  return `must begin with the key's type: ${TYPES.join(", ")}`;
}

/** The blob says its type itself, and has as many fields as that type has. */
function blobProblem(type: string, blob: string): string | null {
  const broken = "is not whole: copy the whole line of the .pub file";
  if (!/^[A-Za-z0-9+/]{20,}={0,2}$/.test(blob)) return broken;
  const fields = fieldsOf(Buffer.from(blob, "base64"));
  if (fields === null) return broken;
  const [name, ...rest] = fields;
  if (name?.toString("latin1") !== type) return `says ${type}, but its data are of another type`;
  const [first, second] = rest;
  if (type === "ssh-rsa") {
    if (rest.length !== 2 || second === undefined) return broken;
    const bits = bitsOf(second);
    return bits < LEAST_RSA_BITS
      ? `is an RSA key of ${bits} bits: at least ${LEAST_RSA_BITS} are needed; make an Ed25519 key (ssh-keygen -t ed25519)`
      : null;
  }
  const wanted = type.includes("ecdsa") ? 2 : 1;
  const isWhole = rest.length === wanted + (type.startsWith("sk-") ? 1 : 0);
  return isWhole && (wanted === 2 || first?.length === 32) ? null : broken;
}

/** Length-prefixed fields (RFC 4251); null where the lengths don't fit. */
function fieldsOf(bytes: Buffer): readonly Buffer[] | null {
  const fields: Buffer[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + 4 > bytes.length) return null;
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) return null;
    fields.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return fields;
}

/** Of a number as SSH writes it: with a zero byte where its highest bit would be a sign. */
function bitsOf(number: Buffer): number {
  const first = number.findIndex((byte) => byte !== 0);
  if (first === -1) return 0;
  return (number.length - first) * 8 - Math.clz32(number[first] ?? 0) + 24;
}
