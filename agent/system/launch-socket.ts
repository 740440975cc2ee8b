import { chmod, chown, mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { FastifyInstance } from "fastify";

/** Where launch.sh finds the agent. */
const LAUNCH_SOCKET = "/run/muster/launch.sock";

/**
 * Listens on a unix socket of mode 0660 that belongs to root and the group `gid`. A socket that an agent left behind is
 * replaced; between bind and chmod nobody but root can write to it, so nobody else can connect.
 */
export async function listenOnSocket(
  app: FastifyInstance,
  gid: number,
  path: string = LAUNCH_SOCKET,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  await rm(path, { force: true });
  await app.listen({ path });
  await chown(path, 0, gid);
  await chmod(path, 0o660);
}
