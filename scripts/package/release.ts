import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { RECIPE_FILE } from "../build/image-recipe.js";
import { bundleProvider, PLATFORMS, providerFiles } from "../build/provider.js";
import { type SigningKey, signFile } from "./sign.js";
import { type ZipEntry, zip } from "./zip.js";

/** Below the project's root. */
const RELEASE = "dist/release";

/** What a registry must know before it offers the provider. */
const MANIFEST = { version: 1, metadata: { protocol_versions: ["6.0"] } };

/** A release's files, with what a registry says of them. */
export interface Release {
  readonly version: string;
  /** Paths, in the order of the sums. */
  readonly files: readonly string[];
  readonly archives: readonly { readonly platform: string; readonly file: string; readonly sha256: string }[];
  readonly sums: string;
  /** Null: the key's owner makes the detached signature of the sums (`.sig`). */
  readonly key: SigningKey | null;
}

export interface ReleaseOptions {
  /** It is emptied first. */
  readonly folder?: string;
  /** The name of a key that gpg has. */
  readonly signWith?: string | undefined;
}

/**
 * The files of a release as Terraform registries take them: a ZIP for each platform, the manifest, and the SHA-256 of each in sha256sum's
 * format. They need Node.js where they run. The recipe of images must be built. The same sources give the same bytes.
 */
export async function packageRelease(root: string, options: ReleaseOptions = {}): Promise<Release> {
  const bundle = await bundleProvider(root);
  // One archive serves all: the program is the same wherever Node.js runs.
  const archive = zip([...providerFiles(bundle), ...(await filesBeside(root))]);
  const archives = PLATFORMS.map((platform) => ({ platform, archive }));
  return writeRelease({ version: bundle.version, archives }, { folder: join(root, RELEASE), ...options });
}

/** What every archive has beside the program: its license, and the recipe of images, which muster_image looks for there. */
export async function filesBeside(root: string): Promise<readonly ZipEntry[]> {
  const [license, recipe] = await Promise.all([
    readFile(join(root, "LICENSE")),
    readFile(join(root, "dist", RECIPE_FILE)).catch((error: unknown) => {
      throw new Error(`A release has dist/${RECIPE_FILE}: run npm run build first.`, { cause: error });
    }),
  ]);
  return [
    { name: "LICENSE", content: license, isExecutable: false },
    { name: RECIPE_FILE, content: recipe, isExecutable: false },
  ];
}

/** Writes archives with their manifest, sums and, if there is a key, signature. */
export async function writeRelease(
  {
    version,
    archives,
  }: {
    readonly version: string;
    readonly archives: readonly { readonly platform: string; readonly archive: Uint8Array }[];
  },
  { folder, signWith }: ReleaseOptions & { readonly folder: string },
): Promise<Release> {
  const base = `terraform-provider-muster_${version}`;
  const packed = archives.map(({ platform, archive }) => ({
    name: `${base}_${platform}.zip`,
    content: archive,
    platform,
  }));
  const files: readonly { readonly name: string; readonly content: Uint8Array }[] = [
    { name: `${base}_manifest.json`, content: Buffer.from(`${JSON.stringify(MANIFEST)}\n`) },
    ...packed,
  ];
  const sums = files.map(({ name, content }) => `${sha256(content)}  ${name}\n`).join("");
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const sumsFile = { name: `${base}_SHA256SUMS`, content: Buffer.from(sums) };
  for (const { name, content } of [...files, sumsFile]) await writeFile(join(folder, name), content);
  const sumsPath = join(folder, sumsFile.name);
  const key = signWith === undefined ? null : await signFile(sumsPath, signWith, new Date());
  return {
    version,
    files: [...files.map(({ name }) => join(folder, name)), sumsPath],
    archives: packed.map(({ platform, name, content }) => ({
      platform,
      file: join(folder, name),
      sha256: sha256(content),
    })),
    sums: sumsPath,
    key,
  };
}

const sha256 = (content: Uint8Array): string => createHash("sha256").update(content).digest("hex");
