import { readFile, rm, writeFile } from "node:fs/promises";
import { SHARED_ROOT } from "../contract/names.js";
import { JOB_USER } from "../job-user.js";
import type { Probe } from "../probes/readiness.js";
import { run } from "./run.js";
import { isSharedMounted } from "./shared-mount.js";

/** The probes of this machine; that of the registry is the caller's `ping`. */
export function machineProbes(instanceId: string, ping: (signal: AbortSignal) => Promise<void>): Probe[] {
  return [
    { name: "shared", timeoutMs: 5_000, intervalMs: 10_000, check: () => checkShared(instanceId) },
    { name: "registry", timeoutMs: 5_000, intervalMs: 60_000, check: ping },
    { name: "mpi", timeoutMs: 10_000, intervalMs: null, check: checkMpi },
    { name: "job-user", timeoutMs: 2_000, intervalMs: 60_000, check: checkJobUser },
  ];
}

/** Mounted, and a file can be written, read and removed. */
async function checkShared(instanceId: string): Promise<void> {
  if (!(await isSharedMounted())) throw new Error(`${SHARED_ROOT} is not mounted`);
  const path = `${SHARED_ROOT}/.muster-probe-${instanceId}`;
  await writeFile(path, instanceId);
  const read = await readFile(path, "utf8");
  await rm(path, { force: true });
  if (read !== instanceId) throw new Error(`${path} reads differently from what was written`);
}

/** Hydra of MPICH: another MPI's mpiexec would start jobs as worlds of one rank. */
async function checkMpi(): Promise<void> {
  const version = await run("mpiexec", ["--version"], 8_000);
  if (!version.includes("HYDRA")) throw new Error("mpiexec is not MPICH's (Hydra)");
}

async function checkJobUser(): Promise<void> {
  const { name, uid, gid } = JOB_USER;
  const passwd = await readFile("/etc/passwd", "utf8");
  const isThere = passwd.split("\n").some((line) => {
    const fields = line.split(":");
    return fields[0] === name && fields[2] === `${uid}` && fields[3] === `${gid}`;
  });
  if (!isThere) throw new Error(`there is no user ${name} with uid ${uid} and gid ${gid}`);
}
