import { chmod, chown, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { FastifyInstance } from "fastify";
import { connectionLimits } from "../http/connections.js";
import { readDescriptorLimit } from "./node-facts.js";

/** The socket for launch.sh when a person's mpiexec calls it. */
export const LAUNCH_SOCKET = "/run/muster/launch.sock";
/** The same for a job's mpiexec. A job's own processes can reach neither socket. */
export const JOB_LAUNCH_SOCKET = "/run/muster/job-launch.sock";

/** Where rank.py reports a rank that failed. */
export const RANKS_SOCKET = "/run/muster/ranks.sock";
/** Where ssh on this node asks for the nodes' host keys. */
export const HOST_KEYS_SOCKET = "/run/muster/host-keys.sock";
/** Where mpiexec.sh reads this node's address. */
const ADDRESS_FILE = "/run/muster/address";

/** Leaves the address for people's mpiexec. */
export async function publishAddress(address: string): Promise<void> {
  await writeFile(`${ADDRESS_FILE}.new`, `${address}\n`, { mode: 0o644 });
  await rename(`${ADDRESS_FILE}.new`, ADDRESS_FILE);
}

/** mpiexec starts a launch.sh for each host at once, and on a busy head they connect before the agent has accepted any. */
const MAX_WAITING = 4_096;
/** Half of the port's limit: a launch holds one for each other node. Jobs can connect too. */
const SHARE = 0.5;

/**
 * Listens on a unix socket of mode 0660 that belongs to root and the group `gid`. A socket that an agent left behind is
 * replaced; the name is there only once its rights are, so that who finds it, and may, can connect.
 */
export async function listenOnSocket(app: FastifyInstance, gid: number, path: string): Promise<void> {
  const unnamed = `${path}.new`;
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  await rm(unnamed, { force: true });
  const { total } = connectionLimits(await readDescriptorLimit());
  app.server.maxConnections = Math.min(app.server.maxConnections ?? total, total * SHARE);
  await app.listen({ path: unnamed, backlog: MAX_WAITING });
  await chown(unnamed, 0, gid);
  await chmod(unnamed, 0o660);
  await rename(unnamed, path);
}
