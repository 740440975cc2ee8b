import { totalmem } from "node:os";
import type { Logger } from "pino";
import type { NotebookStore } from "./aws/notebook-store.js";
import { hostfilePath, SHARED_ROOT } from "./contract/names.js";
import { JOB_USER } from "./contract/node-accounts.js";
import {
  NOTEBOOK_PORT,
  NOTEBOOK_SOCKET,
  type NotebookConfig,
  notebookHome,
  notebookSubmitter,
} from "./contract/notebook.js";
import { AgentError, reasonOf } from "./errors.js";
import type { GroupControl } from "./head/group.js";
import { buildNotebookApp } from "./http/notebook-app.js";
import { buildNotebookSocketApp } from "./http/notebook-socket-app.js";
import type { ResolvedConfig } from "./node/config.js";
import type { NodeIdentity } from "./node/identity.js";
import type { NotebookSeen } from "./notebook/activity.js";
import { describeHeadless } from "./notebook/headless.js";
import { createHomeRenewal } from "./notebook/home-renewal.js";
import { createJupyter } from "./notebook/jupyter.js";
import { createMpiKernels } from "./notebook/mpi-kernels.js";
import { createNotebookWatch } from "./notebook/watch.js";
import type { NotebookAgent, NotebookNode } from "./notebook-node.js";
import type { ReadinessProbe } from "./probes/readiness.js";
import { createNotebookAsks } from "./system/ask-notebook.js";
import type { Errands } from "./system/errands.js";
import { createJupyterApi } from "./system/jupyter-api.js";
import { openJupyterUnit } from "./system/jupyter-unit.js";
import { listenOnSocket } from "./system/launch-socket.js";
import { createNotebookFiles } from "./system/notebook-files.js";
import type { PeerClient } from "./system/peer-client.js";
import { systemClock as clock } from "./time/clock.js";

/** Where the image's unit has JupyterLab listen: on this node only. */
const UPSTREAM = "http://127.0.0.1:8888";
/** The node's own, and its loopback: there Session Manager's agent connects from. */
const ANY_ADDRESS = "0.0.0.0";
/** Of the node's memory, for JupyterLab and its kernels. */
const MEMORY_SHARE = 0.8;
const BYTES_PER_MIB = 1_048_576;
const HEAD_PROBE = "head";

export interface NotebookParts {
  readonly config: ResolvedConfig;
  readonly notebook: NotebookConfig;
  readonly identity: NodeIdentity;
  readonly bootedAt: Date;
  readonly errands: Errands;
  readonly peers: PeerClient;
  readonly group: Pick<GroupControl, "setSize">;
  readonly store: NotebookStore;
  countLogins(): Promise<number>;
  readonly log: Logger;
}

/** A node's notebook, and the readiness probes that come with it. */
export interface StartedNotebook extends NotebookNode {
  readonly probes: readonly ReadinessProbe[];
}

/** Puts together the notebook of this node. It listens to nothing before `start`. */
export async function startNotebook(parts: NotebookParts): Promise<StartedNotebook> {
  const { config, notebook, identity, errands, store, group, log } = parts;
  const { clusterUuid, clusterName } = config;
  const { name, kernelIdleMinutes, mpiKernelIdleMinutes, idleTimeoutMinutes } = notebook;
  const home = notebookHome(name);
  const memoryMiB = notebook.memoryMiB ?? Math.floor((totalmem() * MEMORY_SHARE) / BYTES_PER_MIB);
  const unit = await openJupyterUnit({
    ...{ name, home, kernelIdleMinutes, mpiKernelIdleMinutes, memoryMiB, clusterUuid, clusterName },
  });
  const api = createJupyterApi({ base: `${UPSTREAM}/notebook/`, token: unit.token });
  const files = createNotebookFiles(errands, {
    home,
    shared: SHARED_ROOT,
    hostfile: hostfilePath(clusterUuid),
  });
  const asks = createNotebookAsks(parts.peers);
  const jupyter = createJupyter({ unit, api, mayStart: files.prepareHome, clock, log });
  let agent: NotebookAgent | null = null;
  let headless = "this agent has just been started";

  const homes = createHomeRenewal({
    hosts: async () => (await files.readHosts()).map(({ address }) => address),
    ask: (address) => asks.home(address, { name, accessPointId: notebook.homeAccessPointId }),
    clock,
    log,
  });
  const mpi = createMpiKernels({
    idleMinutes: mpiKernelIdleMinutes,
    async place() {
      // The hostfile is as the last head wrote it: the nodes in it may be gone, and each would be waited for.
      if (agent?.headAddress() == null)
        throw new AgentError("mpi-kernel-refused", `its head does not answer (${headless})`);
      const nodes = await files.readHosts();
      if (nodes.length === 0) return null;
      await homes.renewAll();
      const ranks = nodes.reduce((sum, { cores }) => sum + cores, 0);
      const { address } = identity;
      return {
        ...{ cluster: clusterName, clusterUuid, hostfile: hostfilePath(clusterUuid) },
        ...{ ranks, nodes: [...nodes], address, idleMinutes: mpiKernelIdleMinutes },
      };
    },
    async askHead(request) {
      const address = agent?.headAddress() ?? null;
      if (address === null) throw new Error(headless);
      return asks.hold(address, { notebook: name, ...request });
    },
    clock,
    log,
  });

  async function look(): Promise<NotebookSeen> {
    const orNull = <T>(work: Promise<T>) => work.catch(() => null);
    if (agent !== null && agent.headAddress() === null) {
      const cluster = await agent.readCluster().catch(() => undefined);
      if (cluster !== undefined) headless = describeHeadless(cluster);
    }
    const [sessions, busyTerminals, logins] = await Promise.all([
      ...([orNull(api.sessions()), orNull(unit.busyTerminals()), orNull(parts.countLogins())] as const),
    ]);
    return { sessions, busyTerminals, logins, mpiKernels: mpi.seen().kernels };
  }

  const failing = () => [
    ...(agent?.failing() ?? []),
    ...(agent?.headAddress() == null ? [{ name: HEAD_PROBE, reason: headless }] : []),
  ];
  const watch = createNotebookWatch({
    idleTimeoutMinutes,
    control: {
      readNotebook: () => store.read(name),
      perform: store.perform,
      setSize: (instances) => group.setSize(notebook.group, instances),
    },
    clusterName,
    bootedAt: parts.bootedAt,
    look,
    mpiReleaseAt: () => mpi.seen().releaseAt,
    view: () => {
      const { instanceId, instanceType, address, publicAddress = null } = identity;
      return { instanceId, instanceType, address, publicAddress, failing: failing() };
    },
    clock,
    log,
  });
  const loops = [jupyter, homes, mpi, watch];
  const apps: { close(): Promise<unknown> }[] = [];

  async function listen({ served }: NotebookAgent): Promise<void> {
    const front = await buildNotebookApp({
      ...{ keys: served.keys, connections: served.connections, address: identity.address },
      ...{ upstream: UPSTREAM, jupyterToken: unit.token, log },
    });
    apps.push(front);
    const submitter = notebookSubmitter(name);
    const socket = await buildNotebookSocketApp({ ...served, submitter, mpiKernels: mpi });
    apps.push(socket);
    try {
      await front.listen({ host: ANY_ADDRESS, port: NOTEBOOK_PORT });
      await listenOnSocket(socket, JOB_USER.gid, NOTEBOOK_SOCKET);
    } catch (error) {
      throw new AgentError("listen-failed", reasonOf(error), error);
    }
  }

  return {
    probes: [...files.probes, ...jupyter.probes],
    report: watch.report,
    wake: watch.wake,
    async start(running) {
      agent = running;
      await listen(running);
      for (const loop of loops) loop.start();
    },
    async stop() {
      await Promise.all(loops.map((loop) => loop.stop()));
      await Promise.all(apps.map((app) => app.close()));
    },
  };
}
