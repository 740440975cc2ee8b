import { type GitPlace, gitPlaceOf } from "../contract/git-place.js";
import type { BundleSource, GitSource, S3Source, SharedSource } from "../contract/job-source.js";
import type { JobRequest } from "../contract/registry.js";
import { type FetchedSource, type JobSources, SourceError } from "../jobs/ports.js";
import { describeReference, namesToLookUp, type Wanted, wantedOf } from "./git-references.js";
import type { CredentialStore, FetchLimits, GitClient, SourceFolder, SourceObjects } from "./ports.js";

export interface SourceParts {
  readonly git: GitClient;
  readonly files: SourceFolder;
  readonly objects: SourceObjects;
  readonly credentials: CredentialStore;
  readonly limits: Omit<FetchLimits, "signal">;
}

/** One fetch: where to, and what an earlier attempt had. */
interface Target {
  readonly folder: string;
  readonly version: string | null;
  readonly pinnedFolder: string;
  readonly limits: FetchLimits;
}

/** Brings each kind of source, and then looks whether the folder that the command starts in is there. */
export function createJobSources(parts: SourceParts): JobSources {
  return {
    async fetch({ clusterUuid, request, sourceFolder = "" }, folder, { version, signal }) {
      const late = AbortSignal.timeout(parts.limits.timeoutMs);
      const limits = { ...parts.limits, signal: AbortSignal.any([signal, late]) };
      try {
        const target = { folder, version, pinnedFolder: sourceFolder, limits };
        const fetched = await fetchAny(clusterUuid, request, target, parts);
        const top = request.source?.shared?.path ?? folder;
        return { ...fetched, folder: await findFolder(request, fetched.folder, top, parts) };
      } catch (error) {
        if (signal.aborted || !late.aborted) throw error;
        const seconds = parts.limits.timeoutMs / 1_000;
        throw new SourceError("source-timed-out", `it was not there after ${seconds} s`, { cause: error });
      }
    },
  };
}

function fetchAny(
  clusterUuid: string,
  { source = {} }: JobRequest,
  target: Target,
  parts: SourceParts,
): Promise<FetchedSource> {
  if (source.git !== undefined) return fetchGit(source.git, target, parts);
  if (source.s3 !== undefined) return fetchObjects(source.s3, target, parts);
  if (source.bundle !== undefined) return fetchBundle(clusterUuid, source.bundle, target, parts);
  if (source.shared !== undefined) return lookAtShared(source.shared, parts);
  throw new Error("a source of no kind");
}

async function fetchGit(
  source: GitSource,
  { folder, version, pinnedFolder, limits }: Target,
  { git, credentials }: SourceParts,
): Promise<FetchedSource> {
  const place = gitPlaceOf(source.url);
  if ("problem" in place) throw new SourceError("source-unusable", `the URL ${place.problem}`);
  const { cloneUrl: url, host } = place;
  const own = source.credentials === undefined ? null : await credentials.read(source.credentials);
  if (own !== null && own.host !== host)
    throw new SourceError(
      "source-refused",
      `the Git credentials ${source.credentials} are for ${own.host}, and the URL's host is ${host}`,
    );
  if (own !== null && (own.kind === "ssh-key") !== (place.scheme === "ssh"))
    throw new SourceError(
      "source-refused",
      `the Git credentials ${source.credentials} are ${own.kind === "password" ? "a password, for https URLs" : "an ssh key, for ssh URLs"}`,
    );
  const remote = { url, host, credentials: own };
  const look = () => lookUp(source, place, (names) => git.references(remote, names, limits));
  if (version === null) {
    const { want, path } = await look();
    return { version: await git.checkOut(remote, want, folder, limits), folder: path };
  }
  // A later attempt gets the commit of the first, wherever the reference points now; some servers give a commit by its reference only.
  const byCommit = await git.checkOut(remote, version, folder, limits).catch(unlessNotFound);
  const got = byCommit ?? (await git.checkOut(remote, (await look()).want, folder, limits));
  if (got === version) return { version, folder: pinnedFolder };
  throw new SourceError("source-unusable", `the commit is ${got} now, and the first attempt ran ${version}`);
}

/** What the source means in its repository. */
async function lookUp(
  { reference }: GitSource,
  place: GitPlace,
  read: (names: readonly string[]) => Promise<ReadonlyMap<string, string>>,
): Promise<Wanted> {
  const names = namesToLookUp(place, reference);
  const wanted = wantedOf(place, reference, names.length === 0 ? new Map() : await read(names));
  if (wanted !== null) return wanted;
  const missing = describeReference(place, reference);
  throw new SourceError("source-not-found", `${place.cloneUrl} has ${missing}`);
}

function unlessNotFound(error: unknown): null {
  if (error instanceof SourceError && error.code === "source-not-found") return null;
  throw error;
}

async function fetchObjects(
  { uri }: S3Source,
  { folder, version, limits }: Target,
  { objects, files }: SourceParts,
): Promise<FetchedSource> {
  const archive = await objects.open(uri, version, limits);
  await files.unpack(archive.body, archive.kind, folder, limits).catch((error: unknown) => {
    if (!(error instanceof SourceError)) throw error;
    throw new SourceError(error.code, `${uri}: ${error.message}`, { cause: error });
  });
  return { version: archive.version, folder: "" };
}

async function fetchBundle(
  clusterUuid: string,
  { sha256 }: BundleSource,
  { folder, limits }: Target,
  { objects, files }: SourceParts,
): Promise<FetchedSource> {
  const archive = await objects.openBundle({ clusterUuid, sha256 }, limits);
  await files.unpack(archive.body, archive.kind, folder, limits);
  return { version: archive.version, folder: "" };
}

async function lookAtShared({ path }: SharedSource, { files }: SourceParts): Promise<FetchedSource> {
  if ((await files.locate(path, "")) === null)
    throw new SourceError("source-not-found", `${path} is not there, or is no folder`);
  return { version: null, folder: "" };
}

/** The folder that the URL names; a file's is the one that it is in. The request's working folder is below it. */
async function findFolder(
  { workingFolder }: JobRequest,
  path: string,
  top: string,
  { files }: SourceParts,
): Promise<string> {
  const folder = path === "" ? "" : await files.locate(top, path);
  if (folder === null) throw new SourceError("source-not-found", `the source has no folder or file ${path}`);
  if (workingFolder === undefined) return folder;
  const inner = folder === "" ? workingFolder : `${folder}/${workingFolder}`;
  if ((await files.locate(top, inner)) === inner) return folder;
  throw new SourceError("source-not-found", `the source has no folder ${inner} (workingFolder)`);
}
