import type { AgentDeps } from "./agent-deps.js";
import type { Orphans } from "./launcher/orphans.js";
import { createNoticeWatch, type NoticeWatch } from "./node/notice-watch.js";
import { createReadiness, type Readiness } from "./probes/readiness.js";

/** What this node knows of its own health. None of it is started yet. */
export interface NodeHealth {
  readonly readiness: Readiness;
  readonly orphans: Orphans;
  readonly notices: NoticeWatch;
  /** The names of the readiness probes that fail, and of that for orphans. */
  failingProbes(): readonly string[];
  /** Whether this machine goes down, or restarts: what runs here ends with it. */
  shutsDown(): boolean;
  /** From now on it does. Call once. */
  shutDown(): void;
}

/** `onChange` is called whenever any of it becomes otherwise. */
export function createNodeHealth(deps: AgentDeps, onChange: () => void): NodeHealth {
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
    failingProbes: () => [...readiness.failing(), ...orphans.failing()],
  };
}
