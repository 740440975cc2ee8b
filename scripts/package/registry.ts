import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Release } from "./release.js";

/** Where a registry keeps providers, and the archives beside them. */
const PROVIDERS = "v1/providers";
const OURS = `${PROVIDERS}/muster/muster`;

/**
 * Lays a signed release out as a registry of providers, in plain files that any web server can serve. Terraform and its
 * `terraform providers lock` take it for their registry. `folder` is emptied first.
 * @see https://developer.hashicorp.com/terraform/internals/provider-registry-protocol
 */
export async function writeRegistry(release: Release, folder: string): Promise<void> {
  const { key, version, archives, sums } = release;
  if (key === null) throw new Error("A registry offers signed releases only: name the key (--sign KEY).");
  await rm(folder, { recursive: true, force: true });
  const write = async (path: string, value: unknown): Promise<void> => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), `${JSON.stringify(value)}\n`);
  };
  const protocols = ["6.0"];
  const platforms = archives.map(({ platform }) => placeOf(platform));
  await write(".well-known/terraform.json", { "providers.v1": `/${PROVIDERS}/` });
  await write(`${OURS}/versions`, { versions: [{ version, protocols, platforms }] });
  const files = `${OURS}/${version}/files`;
  for (const { platform, file, sha256 } of archives) {
    const { os, arch } = placeOf(platform);
    // From .../download/OS/ARCH: a registry keeps no name of its host.
    const url = (path: string): string => `../../files/${basename(path)}`;
    await write(`${OURS}/${version}/download/${os}/${arch}`, {
      ...{ protocols, os, arch, filename: basename(file), shasum: sha256, download_url: url(file) },
      ...{ shasums_url: url(sums), shasums_signature_url: url(`${sums}.sig`) },
      signing_keys: { gpg_public_keys: [{ key_id: key.id, ascii_armor: key.publicKey }] },
    });
  }
  await mkdir(join(folder, files), { recursive: true });
  for (const file of [...archives.map((archive) => archive.file), sums, `${sums}.sig`]) {
    await copyFile(file, join(folder, files, basename(file)));
  }
}

function placeOf(platform: string): { readonly os: string; readonly arch: string } {
  const [os = "", arch = ""] = platform.split("_");
  return { os, arch };
}
