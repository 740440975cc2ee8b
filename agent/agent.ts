import type { AgentDeps } from "./agent-deps.js";
import { type AgentParts, createAgentParts } from "./agent-parts.js";
import { AGENT_PORT, PROBES_PORT } from "./contract/names.js";
import { AgentError, reasonOf } from "./errors.js";
import { type AppDeps, buildApp } from "./http/app.js";
import { buildProbesApp } from "./http/probes-app.js";
import { servedBy } from "./serve.js";

/** A running agent. */
export interface Agent {
  /**
   * Shuts down in order: takes no new work, releases the lease unless a job runs here (the restarted agent adopts it), says goodbye
   * to the head, closes the port. `machineGoesDown`: and what runs here with it, so that the head hears it first; as head, this node ends
   * the attempt that runs here, and releases the lease in any case. Call once.
   */
  close(machineGoesDown?: boolean): Promise<void>;
}

/** The name of the readiness probe "this node is head, or connected to it". */
const HEAD_PROBE = "head";

/** Starts the agent: it listens on the node's own address when this resolves. Throws AgentError listen-failed. */
export async function startAgent(deps: AgentDeps): Promise<Agent> {
  const parts = createAgentParts(deps);
  const { health, toHead } = parts;
  const failingHere = () => [...health.failingProbes(), ...(toHead.known() === null ? [HEAD_PROBE] : [])];
  const served = servedBy(deps, { ...parts, failingHere });
  const ports = await openPorts(deps, parts, served);
  await startNotebook(deps, parts, served);
  startLoops(deps, parts);
  return {
    async close(machineGoesDown = false) {
      if (machineGoesDown) await leaveWork(deps, parts);
      await endWork(deps, parts);
      await ports.close();
    },
  };
}

/** The API on the agent's port and, where it is wanted, the two probes without TLS on theirs. */
async function openPorts(deps: AgentDeps, parts: AgentParts, served: AppDeps) {
  const { config, identity, connections, log } = deps;
  const plain = config.httpProbes
    ? buildProbesApp({ failingProbes: served.failingProbes, connections, log })
    : null;
  const app = await buildApp(served);
  await parts.health.readiness.start();
  try {
    await app.listen({ host: identity.address, port: AGENT_PORT });
    await plain?.listen({ host: identity.address, port: PROBES_PORT });
  } catch (error) {
    throw new AgentError("listen-failed", reasonOf(error), error);
  }
  return {
    async close() {
      await plain?.close();
      await app.close();
    },
  };
}

async function startNotebook({ notebook }: AgentDeps, parts: AgentParts, served: AppDeps): Promise<void> {
  const { readiness, orphans } = parts.health;
  const over = (name: string) => ({ name, reason: "what is over runs here yet" });
  await notebook?.start({
    served,
    failing: () => [...readiness.failures(), ...orphans.failing().map(over)],
    headAddress: () => parts.toHead.known()?.address ?? null,
    readCluster: parts.openCluster.get,
  });
}

function startLoops({ keys, homes }: AgentDeps, parts: AgentParts): void {
  const { generation, health, runner, role, activity, schedules } = parts;
  homes.start();
  keys.start(() => generation() !== null);
  runner.start();
  role.start();
  activity.start();
  schedules.start();
  health.orphans.start();
  health.notices.start();
}

/** How long what runs here has to end in order, and its end to be recorded. systemd gives the agent 15 s for all, and a machine may be quicker. */
const LEAVE_WORK_MS = 4_000;
const LEAVE_LOOK_MS = 50;

/** Says that the machine goes down. A head has the attempt ended that runs here, which another one may try again. */
async function leaveWork(
  { clock, identity, log }: AgentDeps,
  { health, generation, runner }: AgentParts,
): Promise<void> {
  log.warn("this machine goes down");
  health.shutDown();
  runner.wake();
  const untilMs = clock.monotonicMs() + LEAVE_WORK_MS;
  const isNeeded = () => generation() !== null && runner.running() !== null;
  while (isNeeded() && runner.worksOn(identity.address) && clock.monotonicMs() < untilMs)
    await clock.sleep(LEAVE_LOOK_MS);
}

async function endWork({ keys, homes, notebook }: AgentDeps, parts: AgentParts): Promise<void> {
  const { health, runner, role, activity, schedules, head, keeper, peers, link } = parts;
  const staysHead = runner.running() !== null && !health.shutsDown();
  await notebook?.stop();
  const loops = [role, runner, schedules, health.orphans, keys, activity, health.notices, homes];
  await Promise.all(loops.map((loop) => loop.stop()));
  head.stop();
  if (!staysHead) await keeper.release();
  peers.closeAll();
  await link.close();
  health.readiness.stop();
}
