import type { AgentConfig } from "../contract/agent-config.js";

/** How patient a head is with a failing node, and how many it replaces. */
export interface ReplacementLimits {
  /** A node that was ready may be unready or silent for so long. */
  readonly afterMs: number;
  /** A node that was not ready yet may be so for so long. */
  readonly bootMs: number;
  /** How many failing nodes are replaced within an hour; 0: none; null: by the number of nodes. */
  readonly perHour: number | null;
}

const DEFAULTS: ReplacementLimits = { afterMs: 300_000, bootMs: 900_000, perHour: null };

/** The limits that the configuration gives, with their defaults. Pure. */
export function replacementLimits(config: AgentConfig["replacement"]): ReplacementLimits {
  if (config === undefined) return DEFAULTS;
  const { afterSeconds, bootSeconds, perHour = null } = config;
  return { afterMs: afterSeconds * 1_000, bootMs: bootSeconds * 1_000, perHour };
}

/** How long a lost node stays listed at least, so that people see which one was lost and why. */
const FORGET_MS = 10 * 60_000;

/** How long a lost node stays listed: longer where it may be replaced later. Pure. */
export const forgetMs = ({ afterMs, bootMs }: ReplacementLimits): number =>
  Math.max(FORGET_MS, 2 * afterMs, bootMs + FORGET_MS / 2);
