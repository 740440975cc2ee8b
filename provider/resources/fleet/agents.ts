import { because } from "../../../agent/contract/reasons.js";
import { InterruptedError } from "../../core/diagnostic.js";
import { findAgentFailure } from "./agent-failure.js";
import type { GroupContext } from "./context.js";
import { silentInstances } from "./diagnosis.js";
import { HopelessError } from "./hopeless.js";

const LOOK_EVERY_MS = 15_000;
/** Consoles per look: a lasting cause is usually the same on all nodes, and each console is a separate call. */
const CONSOLES = 3;
/** More than a restarting agent writes in the time after which its cause counts as lasting. */
const LINES = 1000;

/**
 * Watches the consoles of instances of which nothing was heard (`observeHeard` has the others, by id): their agents may be unable to start, and log the cause there.
 * Call look() at any interval; it throws HopelessError if waiting longer can't help.
 */
export function watchAgents(
  groupName: string,
  observeHeard: () => Promise<readonly { readonly id: string }[]>,
  context: GroupContext,
): { look(): Promise<void> } {
  const { client, clock } = context;
  let lookedAtMs = clock.monotonicMs();
  let turn = 0;
  return {
    async look() {
      const nowMs = clock.monotonicMs();
      if (nowMs - lookedAtMs < LOOK_EVERY_MS) return;
      lookedAtMs = nowMs;
      const silent = silentInstances(await observeHeard(), await client.groups.describe(groupName));
      const some = Math.min(CONSOLES, silent.length);
      for (let seen = 0; seen < some; seen++) {
        const instance = silent[turn++ % silent.length];
        if (instance !== undefined) await lookAt(instance.id, context);
      }
    },
  };
}

async function lookAt(instanceId: string, context: GroupContext): Promise<void> {
  const failure = findAgentFailure(await observeConsole(instanceId, context));
  if (failure === null || !failure.isLasting) return;
  const { code, message, next } = failure;
  const reason = `the agent of ${instanceId} can't start: ${message.replace(/\.$/, "")} (${code})`;
  throw new HopelessError(
    because("node-agent-cannot-start", reason),
    `${next} Then apply again: nodes that are there try again by themselves, except where their launch template was the cause.`,
    instanceId,
  );
}

/** Empty if it can't be read: without the permission, the time-out still applies. */
async function observeConsole(instanceId: string, { client, log }: GroupContext): Promise<readonly string[]> {
  try {
    return await client.groups.consoleLines(instanceId, LINES);
  } catch (error) {
    if (error instanceof InterruptedError) throw error;
    log.warn("could not read a node's console", { instance: instanceId, error: String(error) });
    return [];
  }
}
