import { ASK_MS } from "../head/members.js";
import type { Clock } from "../time/clock.js";

/** What a node says that is asked whether it is there: its agent answers, the machine refuses the connection, or nothing comes. */
export type Sign = "answers" | "refuses" | "none";

/** Asks a node's agent for a sign of life. Never rejects. */
export interface HostReach {
  reach(address: string, timeoutMs: number): Promise<Sign>;
}

/** How the head sees the nodes of a running job. */
export interface NodesView {
  /** The addresses of the nodes whose heartbeats come; null: not known now. */
  heard(): ReadonlySet<string> | null;
  /** The addresses of those that are heard and fit: they fail no probe that matters to what runs. Null: not known now. */
  inTouch(): ReadonlySet<string> | null;
}

/** What the head does with a node that a job has taken for lost. */
export interface NodesGivenUp {
  /** Its connection ends, and it is unready: if it is there yet it comes back as a node that was cut off, and not as if nothing had been. */
  giveUp(address: string): void;
}

/** What is missing of a job's hosts at one moment; addresses. */
export interface Losses {
  /** The first that is lost: the attempt ends. */
  readonly lost: string | null;
  /** The first that is missing, if only for a moment: where mpiexec has failed, it is why. */
  readonly missing: string | null;
}

/**
 * The bounds. A node that is not heard is asked at once, and is lost when no sign comes within `askMs`. One that gives a sign has an
 * agent that is being restarted, or the head has been slow itself: its ranks run on, and it is lost after `deafMs`. One that is heard
 * and fails a probe may have a disk that its job keeps busy: it is lost after `unfitMs`.
 */
const BOUNDS = { askMs: ASK_MS, askAgainMs: 500, deafMs: 60_000, unfitMs: 60_000 } as const;

/** What is known of a host that is missing. Times are monotonic. */
interface Missing {
  readonly isHeard: boolean;
  /** Since when it is missing in this way. */
  readonly sinceMs: number;
  sign: Sign | null;
  isAsked: boolean;
  signAtMs: number;
}

/** Finds out which of a job's hosts are lost. `onNews` is called when a host has answered, or has not. */
export function createLostHosts(
  hosts: readonly string[],
  {
    view,
    reach,
    clock,
    onNews,
  }: {
    readonly view: NodesView;
    readonly reach: HostReach;
    readonly clock: Pick<Clock, "monotonicMs">;
    onNews(): void;
  },
): { look(): Losses } {
  let missing: ReadonlyMap<string, Missing> = new Map();

  function see(nowMs: number): void {
    const [heard, inTouch] = [view.heard(), view.inTouch()];
    if (heard === null || inTouch === null) return;
    const gone = hosts.filter((host) => !heard.has(host) || !inTouch.has(host));
    missing = new Map(gone.map((host) => [host, sight(missing.get(host), heard.has(host), nowMs)]));
  }

  async function ask(host: string, of: Missing): Promise<void> {
    of.isAsked = true;
    of.sign = await reach.reach(host, BOUNDS.askMs);
    of.signAtMs = clock.monotonicMs();
    of.isAsked = false;
    onNews();
  }

  return {
    look() {
      const nowMs = clock.monotonicMs();
      see(nowMs);
      for (const [host, of] of missing) if (isToAsk(of, nowMs)) void ask(host, of);
      const [first] = missing.keys();
      const lost = [...missing].find(([, of]) => isLost(of, nowMs));
      return { lost: lost?.[0] ?? null, missing: first ?? null };
    },
  };
}

/** A host that is heard again, or no more, begins afresh. */
const sight = (before: Missing | undefined, isHeard: boolean, nowMs: number): Missing =>
  before?.isHeard === isHeard
    ? before
    : { isHeard, sinceMs: nowMs, sign: null, isAsked: false, signAtMs: Number.NEGATIVE_INFINITY };

const isToAsk = ({ isHeard, isAsked, signAtMs }: Missing, nowMs: number): boolean =>
  !isHeard && !isAsked && nowMs - signAtMs >= BOUNDS.askAgainMs;

function isLost({ isHeard, sign, sinceMs }: Missing, nowMs: number): boolean {
  const missingMs = nowMs - sinceMs;
  if (isHeard) return missingMs >= BOUNDS.unfitMs;
  return sign === "none" || missingMs >= BOUNDS.deafMs;
}
