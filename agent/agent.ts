import type { AgentDeps } from "./agent-deps.js";
import { type AgentParts, createAgentParts } from "./agent-parts.js";
import { AGENT_PORT, PROBES_PORT } from "./contract/names.js";
import { AgentError, reasonOf } from "./errors.js";
import { buildApp } from "./http/app.js";
import { buildProbesApp } from "./http/probes-app.js";
import { servedBy } from "./serve.js";

/** A running agent. */
export interface Agent {
  /**
   * Shuts down in order: takes no new work, releases the lease unless a job runs here (the restarted agent adopts it), says goodbye
   * to the head, closes the port. Call once.
   */
  close(): Promise<void>;
}

/** The name of the readiness probe "this node is head, or connected to it". */
const HEAD_PROBE = "head";

/** Starts the agent: it listens on the node's own address when this resolves. Throws AgentError listen-failed. */
export async function startAgent(deps: AgentDeps): Promise<Agent> {
  const parts = createAgentParts(deps);
  const { health, toHead } = parts;
  const failingHere = () => [...health.failingProbes(), ...(toHead.known() === null ? [HEAD_PROBE] : [])];
  const served = await openPorts(deps, parts, failingHere);
  startLoops(deps, parts);
  return {
    async close() {
      await endWork(deps, parts);
      await served.close();
    },
  };
}

/** The API on the agent's port and, where it is wanted, the two probes without TLS on theirs. */
async function openPorts(deps: AgentDeps, parts: AgentParts, failingHere: () => readonly string[]) {
  const { config, identity, connections, log } = deps;
  const plain = config.httpProbes ? buildProbesApp({ failingProbes: failingHere, connections, log }) : null;
  const app = await buildApp(servedBy(deps, { ...parts, failingHere }));
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

function startLoops({ keys }: AgentDeps, parts: AgentParts): void {
  const { generation, health, runner, role, activity, schedules } = parts;
  keys.start(() => generation() !== null);
  runner.start();
  role.start();
  activity.start();
  schedules.start();
  health.orphans.start();
  health.notices.start();
}

async function endWork({ keys }: AgentDeps, parts: AgentParts): Promise<void> {
  const { health, runner, role, activity, schedules, head, keeper, peers, link } = parts;
  const isJobRunning = runner.running() !== null;
  const loops = [role, runner, schedules, health.orphans, keys, activity, health.notices];
  await Promise.all(loops.map((loop) => loop.stop()));
  head.stop();
  if (!isJobRunning) await keeper.release();
  peers.closeAll();
  await link.close();
  health.readiness.stop();
}
