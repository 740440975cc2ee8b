import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A public key's line as ssh-keygen writes it, with its private key's text. */
export interface TestKey {
  readonly publicKey: string;
  readonly privateKey: string;
}

/** A new key: `-t ed25519`, or `-t rsa -b 2048`. */
export function makeTestKey(...options: readonly string[]): TestKey {
  const folder = mkdtempSync(join(tmpdir(), "muster-key-"));
  try {
    const file = join(folder, "key");
    execFileSync("ssh-keygen", ["-q", "-N", "", "-C", "ada@example.com", "-f", file, ...options]);
    return { publicKey: readFileSync(`${file}.pub`, "utf8").trim(), privateKey: readFileSync(file, "utf8") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
