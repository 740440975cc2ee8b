import type { Logger } from "pino";
import type { ClusterStore } from "./aws/cluster-store.js";
import { JOB_USER, LAUNCH_USER, LOGIN_GROUP } from "./contract/node-accounts.js";
import { isWorker, type NodeKind } from "./contract/node-kind.js";
import { AgentError, reasonOf } from "./errors.js";
import { addAwaitedRoute, createAwaited } from "./launcher/awaited.js";
import { unlessHere } from "./launcher/here.js";
import { createLaunches } from "./launcher/launches.js";
import {
  createNodeCheck,
  createNodeDirectory,
  type ListedNodes,
  listedWorker,
} from "./launcher/node-directory.js";
import {
  addPeerLaunchRoute,
  buildRanksApp,
  buildSocketApp,
  type LaunchListener,
  type SocketLaunchDeps,
} from "./launcher/routes.js";
import type { NodeIdentity } from "./node/identity.js";
import type { Cgroups } from "./system/cgroups.js";
import { createForwardLaunch } from "./system/forward-launch.js";
import {
  JOB_LAUNCH_SOCKET,
  LAUNCH_SOCKET,
  listenOnSocket,
  publishAddress,
  RANKS_SOCKET,
} from "./system/launch-socket.js";
import type { PeerClient } from "./system/peer-client.js";
import { createProxyProcesses } from "./system/proxy-processes.js";
import { openRankPipe, RANKS_PIPE } from "./system/rank-pipe.js";
import { compileRankProgram } from "./system/rank-program.js";
import { AFTER_START_MS } from "./system/ready-processes.js";
import { systemClock as clock } from "./time/clock.js";

interface LauncherParts {
  readonly cluster: ClusterStore;
  readonly identity: Pick<NodeIdentity, "instanceId" | "address">;
  readonly kind: NodeKind;
  readonly peers: PeerClient;
  readonly cgroups: Cgroups;
  readonly listener: LaunchListener;
  readonly mayLaunch: SocketLaunchDeps["mayLaunch"];
  readonly log: Logger;
}

/**
 * The launcher's ends on this node: a socket for the mpiexec of jobs, one for people's own, one for ranks that fail, and the
 * route for the agents of other nodes.
 */
export async function startLauncher({
  cluster,
  identity,
  kind,
  peers,
  cgroups,
  listener,
  mayLaunch,
  log,
}: LauncherParts) {
  const { instanceId, address } = identity;
  let listed: ListedNodes | null = null;
  const findNode = createNodeDirectory(cluster.readNodes, clock, (wanted) =>
    wanted === address ? { instanceId, kind } : listedWorker(wanted, listed),
  );
  const processes = createProxyProcesses(cgroups, JOB_USER, { ready: 1 });
  const launches = createLaunches({ processes, clock, log });
  await launches.restore();
  const awaited = createAwaited(clock);
  const forward = unlessHere(address, launches, createForwardLaunch(peers));
  const deps = { address, forward, findNode, listener, mayLaunch, awaited, log };
  const apps = [
    { app: buildSocketApp(deps), path: JOB_LAUNCH_SOCKET, gid: LAUNCH_USER.gid },
    { app: buildSocketApp(deps), path: LAUNCH_SOCKET, gid: LOGIN_GROUP.gid },
    { app: buildRanksApp(launches, log), path: RANKS_SOCKET, gid: JOB_USER.gid },
  ];
  let ranksPipe: { close(): void };
  try {
    for (const { app, path, gid } of apps) await listenOnSocket(app, gid, path);
    await publishAddress(address);
    ranksPipe = await openRankPipe(RANKS_PIPE, JOB_USER.gid, (report) => {
      launches
        .report({ ...report, lines: [] })
        .catch((error: unknown) => log.warn({ reason: reasonOf(error) }, "a rank's report is lost"));
    });
  } catch (error) {
    throw new AgentError("listen-failed", reasonOf(error), error);
  }
  const closing = new AbortController();
  if (isWorker({ kind })) void compileLater(closing.signal, log);
  return {
    launches,
    /** From now on the nodes that this head lists are found without the registry. */
    useList(head: ListedNodes) {
      listed = head;
    },
    /** `knownHead`: the head that this node is connected to, or is. */
    addRoute(
      app: Parameters<typeof addPeerLaunchRoute>[0],
      knownHead: () => { readonly id: string; readonly address: string } | null,
    ) {
      const isHead = (id: string, at: string) => knownHead()?.id === id && knownHead()?.address === at;
      addPeerLaunchRoute(app, {
        launches,
        runsRanks: isWorker({ kind }),
        isNodeAt: createNodeCheck(cluster.readNode, clock, isHead),
      });
      addAwaitedRoute(app, awaited);
    },
    async close() {
      closing.abort();
      ranksPipe.close();
      for (const { app } of apps) await app.close();
      await processes.close();
    },
  };
}

/** Nothing but the speed of ranks hangs on it. */
async function compileLater(closing: AbortSignal, log: Logger): Promise<void> {
  await clock.sleep(AFTER_START_MS, closing);
  if (closing.aborted) return;
  await compileRankProgram().catch((error: unknown) =>
    log.warn({ reason: reasonOf(error) }, "the ranks' program can't be compiled once: each rank does it"),
  );
}
