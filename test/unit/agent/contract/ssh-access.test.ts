import { describe, expect, test } from "@jest/globals";
import { SSH_KEY_LIMITS, sshKeyProblem } from "../../../../agent/contract/ssh-access.js";
import { makeTestKey } from "../../../support/ssh-keys.js";

const { publicKey, privateKey } = makeTestKey("-t", "ed25519");
const [, blob = ""] = publicKey.split(" ");

/** A key of a token: ssh-keygen needs one to make it. */
function tokenKey(type: string, ...fields: readonly Buffer[]): string {
  const field = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  return `${type} ${Buffer.concat([Buffer.from(type), ...fields].map(field)).toString("base64")}`;
}

/** The key, and three of the four bytes of a further field's length. */
function cutLength(key: string): string {
  const [type = "", data = ""] = key.split(" ");
  return `${type} ${Buffer.concat([Buffer.from(data, "base64"), Buffer.alloc(3)]).toString("base64")}`;
}

describe("a public key", () => {
  test.each([
    ["Ed25519", publicKey],
    ["without a comment", `ssh-ed25519 ${blob}`],
    ["ECDSA", makeTestKey("-t", "ecdsa", "-b", "384").publicKey],
    ["RSA of 2048 bits", makeTestKey("-t", "rsa", "-b", "2048").publicKey],
    ["Ed25519 of a token", tokenKey("sk-ssh-ed25519@openssh.com", Buffer.alloc(32, 1), Buffer.from("ssh:"))],
    [
      "Ed25519 of a token, for no application",
      tokenKey("sk-ssh-ed25519@openssh.com", Buffer.alloc(32, 1), Buffer.alloc(0)),
    ],
    [
      "ECDSA of a token",
      tokenKey(
        "sk-ecdsa-sha2-nistp256@openssh.com",
        Buffer.from("nistp256"),
        Buffer.alloc(65, 4),
        Buffer.from("ssh:"),
      ),
    ],
  ])("%s is taken", (_name, key) => {
    expect(sshKeyProblem(key)).toBeNull();
  });

  test.each<[string, string, string]>([
    ["a private key", privateKey, "is a private key"],
    ["a private key in another form", "-----BEGIN RSA PRIVATE KEY-----\nAAAA", "is a private key"],
    ["options", `command="id" ${publicKey}`, "begins with options"],
    ["an option without blanks", `no-pty,${publicKey}`, "begins with options"],
    ["a certificate", `ssh-ed25519-cert-v01@openssh.com ${blob}`, "must begin with the key's type"],
    ["a DSA key", "ssh-dss AAAAB3NzaC1kc3MAAACBAP1", "is a DSA key"],
    ["two lines", `${publicKey}\n${publicKey}`, "must be one line"],
    ["a line's end", `${publicKey}\n`, "must be one line"],
    ["an empty text", "", "must begin with the key's type"],
    ["a cut key", publicKey.slice(0, 40), "is not whole"],
    [
      "a key of another type than it says",
      `ssh-rsa ${blob}`,
      "says ssh-rsa, but its data are of another type",
    ],
    ["a point of a wrong length", tokenKey("ssh-ed25519", Buffer.alloc(31)), "is not whole"],
    ["a field too many", tokenKey("ssh-ed25519", Buffer.alloc(32), Buffer.alloc(1)), "is not whole"],
    [
      "an RSA key with a field too many",
      tokenKey("ssh-rsa", Buffer.from([3]), Buffer.alloc(257, 0xff), Buffer.from([3])),
      "is not whole",
    ],
    [
      "an RSA key of one bit too few",
      tokenKey("ssh-rsa", Buffer.from([3]), Buffer.from([0, 0x7f, ...Buffer.alloc(255, 0xff)])),
      "is an RSA key of 2047 bits",
    ],
    ["a length that is cut", cutLength(tokenKey("ssh-ed25519", Buffer.alloc(32, 1))), "is not whole"],
    ["a weak RSA key", makeTestKey("-t", "rsa", "-b", "1024").publicKey, "is an RSA key of 1024 bits"],
    [
      "a comment that Terraform would read",
      `ssh-ed25519 ${blob} \${file("x")}`,
      "has a comment with characters",
    ],
    ["a comment that a shell would read", `ssh-ed25519 ${blob} 'x'`, "has a comment with characters"],
    ["a text without end", `ssh-ed25519 ${"A".repeat(3_000)}`, `has more than ${SSH_KEY_LIMITS.characters}`],
  ])("%s is refused, and not shown", (_name, key, words) => {
    const problem = sshKeyProblem(key);
    expect(problem).toContain(words);
    expect(problem).not.toContain(blob);
    expect(problem).not.toContain("BEGIN");
  });
});

test("a key's line may have all the characters that it is given, and no more", () => {
  const key = (characters: number) =>
    `ssh-ed25519 ${blob} ${"c".repeat(characters - `ssh-ed25519 ${blob} `.length)}`;
  expect(sshKeyProblem(key(SSH_KEY_LIMITS.characters))).not.toBe("has more than 2000 characters");
  expect(sshKeyProblem(key(SSH_KEY_LIMITS.characters + 1))).toBe("has more than 2000 characters");
});
