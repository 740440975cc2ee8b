import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundleProvider, PLATFORMS, providerFiles } from "../build/provider.js";
import { zip } from "./zip.js";

/** Below the project's root. */
const RELEASE = "dist/release";

/** What a registry must know before it offers the provider. */
const MANIFEST = { version: 1, metadata: { protocol_versions: ["6.0"] } };

/**
 * The files of a release as Terraform registries take them: a ZIP for each platform, the manifest, and the SHA-256 of each
 * in sha256sum's format. The same sources give the same bytes. `folder` is emptied first. Returns the files' paths.
 * The key's owner makes the detached signature of the sums (`.sig`).
 */
export async function packageRelease(
  root: string,
  folder: string = join(root, RELEASE),
): Promise<readonly string[]> {
  const { version, program } = await bundleProvider(root);
  const license = { name: "LICENSE", content: await readFile(join(root, "LICENSE")), isExecutable: false };
  // One archive serves all: the program is the same wherever Node.js runs.
  const archive = zip([...providerFiles(version, program), license]);
  const base = `terraform-provider-muster_${version}`;
  const files: readonly (readonly [string, Uint8Array])[] = [
    [`${base}_manifest.json`, Buffer.from(`${JSON.stringify(MANIFEST)}\n`)],
    ...PLATFORMS.map((platform) => [`${base}_${platform}.zip`, archive] as const),
  ];
  const sums = files.map(([name, content]) => `${sha256(content)}  ${name}\n`).join("");
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const written = [...files, [`${base}_SHA256SUMS`, Buffer.from(sums)] as const];
  for (const [name, content] of written) await writeFile(join(folder, name), content);
  return written.map(([name]) => join(folder, name));
}

const sha256 = (content: Uint8Array): string => createHash("sha256").update(content).digest("hex");
