import type { Clock } from "../contract/clock.js";
import type { StatusUpdate } from "../peers/messages.js";
import { type KnownStatus, knownStatus } from "./known-status.js";

export interface FollowerStatusDeps {
  /** Asks the head, by the node's connection; `held`: the version of the nodes that this node has. What it answers is noted. */
  ask(held: number): void;
  isConnected(): boolean;
  readonly clock: Pick<Clock, "monotonicMs" | "sleep">;
}

/** The status as a node that is not head has it from the head: asked for only when somebody wants it, and then once a second. */
export interface FollowerStatus {
  /** Null: this node has no head, or the head has been saying nothing for some seconds. Never rejects; waits for half a second at most. */
  get(): Promise<KnownStatus | null>;
  /** The head of `generation` has answered. */
  note(generation: number, update: StatusUpdate): void;
}

/** So long an answer is served before the head is asked again. */
const FRESH_MS = 1_000;
const PATIENCE_MS = 500;
/** Beyond this age the registry knows better. */
const TOO_OLD_MS = 10_000;

export function createFollowerStatus({ ask, isConnected, clock }: FollowerStatusDeps): FollowerStatus {
  let known: KnownStatus | null = null;
  let held = { generation: 0, version: 0 };
  let heardAtMs = Number.NEGATIVE_INFINITY;
  let askedAtMs = Number.NEGATIVE_INFINITY;
  let waiting: { readonly answer: Promise<void>; readonly heard: () => void } | null = null;

  /** One question at a time, and one a second: callers share its answer. */
  async function askHead(): Promise<void> {
    const nowMs = clock.monotonicMs();
    if (waiting === null && nowMs - askedAtMs < FRESH_MS) return;
    if (waiting === null) {
      askedAtMs = nowMs;
      const patience = new AbortController();
      const answer = clock.sleep(PATIENCE_MS, patience.signal).then(() => {
        waiting = null;
      });
      waiting = { answer, heard: () => patience.abort() };
      ask(held.version);
    }
    await waiting?.answer;
  }

  return {
    async get() {
      const isFresh = known !== null && clock.monotonicMs() - heardAtMs < FRESH_MS;
      if (!isFresh && isConnected()) await askHead();
      return known !== null && clock.monotonicMs() - known.atMs < TOO_OLD_MS ? known : null;
    },
    note(generation, { ageMs, nodesVersion, of, nodes }) {
      const hasThem = generation === held.generation && nodesVersion === held.version;
      if (nodes === undefined && !hasThem) {
        // A later question asks for all of them.
        held = { generation, version: 0 };
        return;
      }
      heardAtMs = clock.monotonicMs();
      held = { generation, version: nodesVersion };
      known = knownStatus({
        from: "head",
        atMs: heardAtMs - ageMs,
        of,
        nodes: nodes === undefined ? (known?.nodes ?? "[]") : JSON.stringify(nodes),
      });
      waiting?.heard();
    },
  };
}
