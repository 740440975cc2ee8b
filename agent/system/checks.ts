import { readFile, rm, writeFile } from "node:fs/promises";
import { AGENTS_ROOT, SHARED_ROOT } from "../contract/names.js";
import { JOB_USER, LAUNCH_USER } from "../contract/node-accounts.js";
import type { ReadinessProbe } from "../probes/readiness.js";
import type { Errands } from "./errands.js";
import { run } from "./run.js";
import { isMounted } from "./shared-mount.js";

export interface MachineParts {
  readonly instanceId: string;
  readonly errands: Errands;
  /** The registry's probe. */
  ping(signal: AbortSignal): Promise<void>;
  /** Whether a job has ranks on this node. Cheap. */
  runsRanks(): boolean;
}

/** The probes of this machine. */
export function machineProbes({ instanceId, errands, ping, runsRanks }: MachineParts): ReadinessProbe[] {
  return [
    { name: "shared", timeoutMs: 5_000, intervalMs: 10_000, check: sharedCheck(errands, runsRanks) },
    { name: "records", timeoutMs: 5_000, intervalMs: 10_000, check: recordsCheck(instanceId) },
    { name: "registry", timeoutMs: 5_000, intervalMs: 60_000, check: ping },
    { name: "mpi", timeoutMs: 10_000, intervalMs: null, check: checkMpi },
    { name: "job-user", timeoutMs: 2_000, intervalMs: 60_000, check: checkUsers },
  ];
}

/** Writes, reads and removes a file. $1 the folder. A new name each time, so that files of jobs are never in the way. */
export const WRITE_AND_READ = `chmod u+rwx -- "$1" 2>/dev/null || :
probe=$(mktemp -- "$1/.muster-probe.XXXXXXXX")
echo "$probe" >"$probe"
read -r read <"$probe"
rm -f -- "$probe"
[ "$read" = "$probe" ] || { echo "a file reads differently from what was written" >&2; exit 1; }`;

/**
 * A look that follows a good one does not write for so long. An errand is a process, which costs more than all else that a node does at
 * rest. What it alone finds, that the job user may not write, a job can bring about, and hardly anything else: of both folders' file system the
 * other writes tell sooner.
 */
const WRITE_EVERY_MS = { withoutRanks: 120_000, besideRanks: 40_000, own: 40_000 } as const;

/** Mounted, each time; and written to, unless that was good a while ago. */
function mountCheck(
  path: string,
  everyMs: () => number,
  writeAndRead: () => Promise<unknown>,
): () => Promise<void> {
  let goodAtMs = Number.NEGATIVE_INFINITY;
  return async () => {
    requireMount(path);
    if (performance.now() - goodAtMs < everyMs() - 1_000) return;
    goodAtMs = Number.NEGATIVE_INFINITY;
    await writeAndRead();
    goodAtMs = performance.now();
  };
}

/** Mounted, and the job user can write, read and remove a file. */
const sharedCheck = (errands: Errands, runsRanks: () => boolean): (() => Promise<void>) =>
  mountCheck(
    SHARED_ROOT,
    () => (runsRanks() ? WRITE_EVERY_MS.besideRanks : WRITE_EVERY_MS.withoutRanks),
    () => errands.run({ script: WRITE_AND_READ, parameters: [SHARED_ROOT], timeoutMs: 4_000 }),
  );

/** Mounted, and the agent can write, read and remove a file: where no job can interfere. */
const recordsCheck = (instanceId: string): (() => Promise<void>) =>
  mountCheck(
    AGENTS_ROOT,
    () => WRITE_EVERY_MS.own,
    () => writeRecord(instanceId),
  );

async function writeRecord(instanceId: string): Promise<void> {
  const path = `${AGENTS_ROOT}/probe-${instanceId}`;
  await writeFile(path, instanceId);
  const read = await readFile(path, "utf8");
  await rm(path, { force: true });
  if (read !== instanceId) throw new Error(`${path} reads differently from what was written`);
}

/** Throws unless something is mounted exactly there. */
export function requireMount(path: string): void {
  if (!isMounted(path)) throw new Error(`${path} is not mounted`);
}

/** Hydra of MPICH: another MPI's mpiexec would start jobs as worlds of one rank. */
async function checkMpi(): Promise<void> {
  const version = await run("/usr/bin/mpiexec", ["--version"], 8_000);
  if (!version.includes("HYDRA")) throw new Error("mpiexec is not MPICH's (Hydra)");
}

async function checkUsers(): Promise<void> {
  const accounts = (await readFile("/etc/passwd", "utf8")).split("\n").map((line) => line.split(":"));
  for (const { name, uid, gid } of [JOB_USER, LAUNCH_USER]) {
    const isThere = accounts.some(
      (fields) => fields[0] === name && fields[2] === `${uid}` && fields[3] === `${gid}`,
    );
    if (!isThere) throw new Error(`there is no user ${name} with uid ${uid} and gid ${gid}`);
  }
}
