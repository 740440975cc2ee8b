import type { Readable } from "node:stream";
import type { GitCredentials } from "../contract/git-credentials.js";

/** What bounds a fetch. */
export interface FetchLimits {
  readonly bytes: number;
  readonly files: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** A repository, and what opens it. `credentials` are for its host. */
export interface GitRemote {
  readonly url: string;
  readonly host: string;
  readonly credentials: GitCredentials | null;
}

/** Git, as the job user. No error shows any part of the credentials. */
export interface GitClient {
  /** The references of these names that there are, with what they point to. Throws SourceError. */
  references(
    remote: GitRemote,
    names: readonly string[],
    limits: FetchLimits,
  ): Promise<ReadonlyMap<string, string>>;
  /**
   * Brings the files of `want` (a full reference, a commit, or HEAD) into the folder, which is empty, without Git's own; gives the commit.
   * Throws SourceError.
   */
  checkOut(remote: GitRemote, want: string, folder: string, limits: FetchLimits): Promise<string>;
}

/** What the job user does with files that have come. */
export interface SourceFolder {
  /** Unpacks an archive below the folder, which is empty. Throws SourceError, or what the stream fails with. */
  unpack(archive: Readable, kind: ArchiveKind, folder: string, limits: FetchLimits): Promise<void>;
  /** `path` in `top` if that is a folder, the folder that it is in if it is a file; null: it is not there. */
  locate(top: string, path: string): Promise<string | null>;
}
export type ArchiveKind = "tar" | "zip";

/** Bytes in a bucket, as an archive, and which version of them. */
export interface SourceArchive {
  readonly version: string;
  readonly kind: ArchiveKind;
  readonly body: Readable;
}

/** Sources in buckets. All throw SourceError. */
export interface SourceObjects {
  /** An object, an archive or a prefix; `version`: only that one. */
  open(uri: string, version: string | null, limits: FetchLimits): Promise<SourceArchive>;
  /** A packed folder of the cluster. Its body fails at its end if it has another SHA-256. */
  openBundle(
    bundle: { readonly clusterUuid: string; readonly sha256: string },
    limits: FetchLimits,
  ): Promise<SourceArchive>;
}

/** The org's Git credentials. */
export interface CredentialStore {
  /** Decrypted; keep them in memory only. Throws SourceError where there are none of the name, or the cluster may not use them. */
  read(name: string): Promise<GitCredentials>;
}
