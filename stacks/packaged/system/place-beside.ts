import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { lockedProviders, renderLockFile } from "../lock-file.js";

const ADDRESS = "registry.terraform.io/muster/muster";
/** Where Terraform looks for providers itself, below the folder that it runs in. */
const IMPLIED_MIRROR = "terraform.d/plugins";
const LOCK_FILE = ".terraform.lock.hcl";
const STACK_FILE = "cdk.tf.json";

/**
 * Puts the provider of a filesystem mirror where Terraform looks for it itself, beside each stack, and locks the stack's providers. So no
 * configuration of Terraform's is needed: an own `provider_installation` goes before it. May run again, also after another version.
 * Throws as node:fs does.
 * @see https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories
 */
export function placeBeside(mirror: string, stackFolders: readonly string[]): void {
  const folders = versionsIn(join(mirror, ADDRESS));
  // The same on each platform: it is one program.
  const known = new Map(
    folders.map(({ version, path }) => [`${ADDRESS} ${version}`, [hashOfFolder(path)]] as const),
  );
  for (const stack of stackFolders) {
    const place = join(stack, IMPLIED_MIRROR, ADDRESS);
    rmSync(place, { recursive: true, force: true });
    for (const { version, platform, path } of folders) {
      mkdirSync(join(place, version), { recursive: true });
      symlinkSync(path, join(place, version, platform));
    }
    const lockFile = join(stack, LOCK_FILE);
    const before = existsSync(lockFile) ? readFileSync(lockFile, "utf8") : "";
    const providers = lockedProviders(readFileSync(join(stack, STACK_FILE), "utf8"), known);
    writeFileSync(lockFile, renderLockFile(before, providers));
  }
}

/** The folders of the program, one for each version and platform. */
const versionsIn = (folder: string) =>
  readdirSync(folder).flatMap((version) =>
    readdirSync(join(folder, version)).map((platform) => ({
      version,
      platform,
      path: join(folder, version, platform),
    })),
  );

/**
 * Terraform's checksum of an unpacked provider, version 1.
 * @see https://pkg.go.dev/golang.org/x/mod/sumdb/dirhash#Hash1
 */
function hashOfFolder(folder: string): string {
  const sha256 = (content: string | Uint8Array) => createHash("sha256").update(content);
  const lines = readdirSync(folder)
    .sort()
    .map((name) => `${sha256(readFileSync(join(folder, name))).digest("hex")}  ${name}\n`);
  return `h1:${sha256(lines.join("")).digest("base64")}`;
}
