import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { pino } from "pino";
import type { GitCredentials } from "../../../agent/contract/git-credentials.js";
import type { JobSource } from "../../../agent/contract/job-source.js";
import type { JobRequest } from "../../../agent/contract/registry.js";
import { type JobSources, SourceError } from "../../../agent/jobs/ports.js";
import { createJobSources, type SourceParts } from "../../../agent/sources/fetch.js";
import { createErrands } from "../../../agent/system/errands.js";
import { createGitClient } from "../../../agent/system/git-client.js";
import { createJobWorkspace } from "../../../agent/system/job-workspace.js";
import { createSourceFolder } from "../../../agent/system/source-folder.js";
import { type TestCgroups, testCgroups } from "./cgroups.js";
import { CLUSTER_UUID } from "./cluster-item.js";
import { JOB_USER, temporaryFolder } from "./job-user.js";

/** As on a node, but with this project's program. */
const SOURCE_PROGRAM = ["/usr/bin/python3", "-I", resolve("agent/sources/source.py")] as const;

/** The real fetch of sources, as the job user, below a folder of the test's own. */
export interface SourceBench {
  readonly sources: JobSources;
  readonly folder: string;
  readonly own: TestCgroups;
  /** What the org has. */
  readonly credentials: Map<string, GitCredentials>;
  /** Makes the job's folder and fetches; the error is returned. Removes the folder where it fails, as the head does. */
  fetch(
    source: JobSource,
    more?: Partial<JobRequest> & { version?: string; sourceFolder?: string; signal?: AbortSignal },
  ): Promise<Awaited<ReturnType<JobSources["fetch"]>> | SourceError>;
  /** The files in the job's folder, by path. */
  files(): readonly string[];
  remove(): Promise<void>;
}

export async function sourceBench(
  parts: Partial<Pick<SourceParts, "objects" | "limits">> & { readonly certificates?: string } = {},
): Promise<SourceBench> {
  const own = await testCgroups();
  const root = await temporaryFolder();
  const errands = createErrands(own.cgroups, JOB_USER);
  const workspace = createJobWorkspace(errands, pino({ level: "silent" }));
  const folder = `${root.path}/.muster/jobs/job-1`;
  const credentials = new Map<string, GitCredentials>();
  const sources = createJobSources({
    git: createGitClient(errands, {
      program: SOURCE_PROGRAM,
      certificates: parts.certificates ?? "/etc/ssl/certs/ca-certificates.crt",
    }),
    files: createSourceFolder(errands, SOURCE_PROGRAM),
    objects: parts.objects ?? {
      open: async () => Promise.reject(new Error("no bucket")),
      openBundle: async () => Promise.reject(new Error("no bucket")),
    },
    credentials: {
      async read(name) {
        const found = credentials.get(name);
        if (found === undefined) throw new SourceError("source-refused", "none");
        return found;
      },
    },
    limits: parts.limits ?? { bytes: 5_000_000, files: 1_000, timeoutMs: 60_000 },
  });
  return {
    ...{ sources, folder, own, credentials },
    async fetch(source, { version, sourceFolder, signal, ...more } = {}) {
      await workspace.prepare(folder);
      const request = { command: ["x.py"], source, ...more };
      const job = {
        clusterUuid: CLUSTER_UUID,
        request,
        ...(sourceFolder === undefined ? {} : { sourceFolder }),
      };
      const options = { version: version ?? null, signal: signal ?? new AbortController().signal };
      try {
        return await sources.fetch(job, folder, options);
      } catch (error) {
        await workspace.remove(folder);
        if (error instanceof SourceError) return error;
        throw error;
      }
    },
    files: () =>
      execFileSync("find", [folder, "-mindepth", "1", "-printf", "%P\n"], { encoding: "utf8" })
        .split("\n")
        .filter(Boolean)
        .sort(),
    async remove() {
      await own.remove();
      await root.remove();
    },
  };
}
