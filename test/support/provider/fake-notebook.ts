import { setTimeout as sleep } from "node:timers/promises";
import type { NotebookReasonCode } from "../../../agent/contract/reasons.js";
import type { NotebookItem } from "../../../agent/contract/registry.js";
import { notebookWrites } from "../../../agent/contract/writes/notebook.js";
import type { TestOrg } from "./org.js";

/** A probe that fails, and why. */
interface FailingProbe {
  readonly probe: string;
  readonly reasonCode: NotebookReasonCode;
  readonly reason: string;
}

/** Plays the agent of a notebook's node: once its group has an instance, it says which probe fails, or that all pass. */
export interface FakeNotebook {
  /** Null: all probes pass. */
  failing: FailingProbe | null;
  /** Whether it says nothing at all, as a node that does not boot. */
  isSilent: boolean;
  /** The instances that it has been ready on, in order. */
  readonly readyOn: readonly string[];
  stop(): Promise<void>;
}

const EVERY_MS = 100;

/** Watches the notebook of that name, from when it exists. */
export function startFakeNotebook(org: TestOrg, name: string, groupName: string): FakeNotebook {
  let stopped = false;
  const readyOn: string[] = [];
  const agent: FakeNotebook = { failing: null, isSilent: false, readyOn, stop: async () => undefined };

  async function beat(): Promise<void> {
    const item = await org.notebook(name);
    if (agent.isSilent || (item?.status !== "INPROGRESS" && item?.status !== "FAILED")) return;
    const instanceId = (await org.group(groupName)).instanceIds.find((id) => id !== item.retiring);
    if (instanceId === undefined) return;
    const { failing } = agent;
    if (!(await org.update(notebookWrites.observe(item, item, observation(item, instanceId, failing)))))
      return;
    if (failing === null) readyOn.push(instanceId);
  }

  const running = (async () => {
    while (!stopped) {
      // What it needs may be gone between two calls; the next beat looks again.
      await beat().catch(() => undefined);
      await sleep(EVERY_MS);
    }
  })();
  agent.stop = async () => {
    stopped = true;
    await running;
  };
  return agent;
}

function observation(item: NotebookItem, instanceId: string, failing: FailingProbe | null) {
  const at = new Date().toISOString();
  return {
    phase: failing === null ? ("ready" as const) : ("readiness-probes" as const),
    reasonCode: failing?.reasonCode ?? null,
    reason: failing?.reason ?? null,
    failingProbes: failing === null ? [] : [failing.probe],
    instanceId,
    instanceType: "m6i.large",
    address: addressOf(instanceId),
    publicAddress: null,
    observedAt: at,
    ...(failing === null && item.status !== "FINISHED"
      ? { status: "FINISHED" as const, statusChangedAt: at }
      : {}),
  };
}

/** Of an instance: one that no other has, as far as a test sees. */
export const addressOf = (instanceId: string): string =>
  `10.0.${Number.parseInt(instanceId.slice(2, 4), 16)}.${Number.parseInt(instanceId.slice(4, 6), 16)}`;
