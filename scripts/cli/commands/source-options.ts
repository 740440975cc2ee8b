import { type Command, Option } from "commander";
import { bundleKey } from "../../../agent/contract/names.js";
import type { ClusterItem, JobRequest } from "../../../agent/contract/registry.js";
import { failure, unusable } from "../core/exit.js";
import type { Bundles } from "../core/ports.js";
import type { World } from "../core/world.js";
import { type PackedFolder, packFolder } from "../jobs/pack.js";

/** Where the job's files come from. */
export interface SourceOptions {
  readonly git?: string;
  readonly reference?: string;
  readonly credentials?: string;
  readonly s3?: string;
  readonly folder?: string;
  readonly shared?: string;
}

/** Each names a source. */
export const SOURCE_KINDS = ["git", "s3", "folder", "shared"] as const;

/** Adds the options that name a source: then FILE is a file in it, and not one on this machine. */
export const withSource = (command: Command): Command =>
  command
    .addOption(
      new Option(
        "--git <url>",
        "FILE is in this Git repository: its address, or that of a branch or folder in it",
      ),
    )
    .option("--reference <name>", "with --git: a branch, a tag or a full commit; default: the URL's")
    .option("--credentials <name>", "with --git: the Git credentials that open it (muster git-credentials)")
    .option(
      "--s3 <uri>",
      "FILE is in this S3 object, archive (.zip, .tar.gz), or prefix (with a slash at its end)",
    )
    .option(
      "--folder <folder>",
      "FILE is in this folder on this machine, which is sent without what .gitignore names",
    )
    .option("--shared <path>", "FILE is in this folder on the cluster, below /shared");

/** What the options name: the request's source, and the folder that is to be sent first. Null: no source. Throws with every problem. */
export async function readSource(
  options: SourceOptions,
  world: Pick<World, "readFile" | "listFolder">,
): Promise<{ readonly source: NonNullable<JobRequest["source"]>; readonly upload?: PackedFolder } | null> {
  const { git, reference, credentials, s3, folder, shared } = options;
  const given = SOURCE_KINDS.filter((kind) => options[kind] !== undefined);
  const problems = [
    ...(given.length > 1 ? [`give one of ${given.map((kind) => `--${kind}`).join(", ")}`] : []),
    ...(git === undefined && reference !== undefined ? ["--reference needs --git"] : []),
    ...(git === undefined && credentials !== undefined ? ["--credentials needs --git"] : []),
  ];
  if (problems.length > 0) throw unusable(problems);
  if (s3 !== undefined) return { source: { s3: { uri: s3 } } };
  if (shared !== undefined) return { source: { shared: { path: shared } } };
  if (folder !== undefined) {
    const upload = await packFolder(folder.replace(/(.)\/+$/, "$1"), world);
    return { source: { bundle: upload.bundle }, upload };
  }
  if (git === undefined) return null;
  const more = {
    ...(reference === undefined ? {} : { reference }),
    ...(credentials === undefined ? {} : { credentials }),
  };
  return { source: { git: { url: git, ...more } } };
}

/** Sends a packed folder to where the cluster's nodes find it, unless the same is there. May run twice. */
export async function sendFolder(
  { folder, bundle, fileCount, open }: PackedFolder,
  cluster: Pick<ClusterItem, "uuid" | "name" | "logBucket">,
  bundles: Bundles,
  say: (line: string) => void,
): Promise<void> {
  const { logBucket: bucket } = cluster;
  if (bucket === undefined)
    throw failure(
      `Cluster ${cluster.name} has had no head node yet, which says where packed folders go: try again when it has nodes (muster cluster show).`,
    );
  const place = { bucket, key: bundleKey(cluster.uuid, bundle.sha256) };
  if (await bundles.has(place)) return say(`${folder}: ${fileCount} files, sent before`);
  await bundles.put(place, open());
  say(`${folder}: sent ${fileCount} files, ${bundle.bytes} bytes`);
}
