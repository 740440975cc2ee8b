import type { AgentDeps } from "./agent-deps.js";
import { ORPHANS_PROBE } from "./contract/reasons.js";
import type { JobRunner } from "./jobs/runner.js";
import type { Orphans } from "./launcher/orphans.js";
import { createNoticeWatch, type NoticeWatch } from "./node/notice-watch.js";
import { createReadiness, type Readiness } from "./probes/readiness.js";

/** What this node knows of its own health. None of it is started yet. */
export interface NodeHealth {
  readonly readiness: Readiness;
  readonly orphans: Orphans;
  readonly notices: NoticeWatch;
  /** The names of the readiness probes that fail, and of that for orphans: ranks, and what else jobs that are over have left. */
  failingProbes(): readonly string[];
  /** The node has lost its head, or found one: what runs here may be over. */
  doubt(): void;
  /** Whether this machine goes down, or restarts: what runs here ends with it. */
  shutsDown(): boolean;
  /** From now on it does. Call once. */
  shutDown(): void;
}

/** `onChange` is called whenever any of it becomes otherwise, but for `jobs`, which are looked at with each report. */
export function createNodeHealth(
  deps: AgentDeps,
  onChange: () => void,
  jobs: () => Pick<JobRunner, "mayHoldStrays" | "doubt">,
): NodeHealth {
  const { clock, log } = deps;
  const notices = createNoticeWatch({ read: deps.readNotices, onChange, clock, log });
  const readiness = createReadiness(deps.probes, clock, log, onChange);
  const orphans = deps.createOrphans({ onChange, onRunning: onChange });
  let isShuttingDown = false;
  return {
    shutsDown: () => isShuttingDown,
    shutDown() {
      isShuttingDown = true;
      onChange();
    },
    ...{ readiness, orphans, notices },
    failingProbes() {
      const isUnclean = orphans.failing().length > 0 || jobs().mayHoldStrays();
      return [...readiness.failing(), ...(isUnclean ? [ORPHANS_PROBE] : [])];
    },
    doubt() {
      orphans.doubt();
      jobs().doubt();
      // The head has heard otherwise, with the hello.
      if (jobs().mayHoldStrays()) onChange();
    },
  };
}
