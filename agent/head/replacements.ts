import type { Logger } from "pino";
import type { NewEvent } from "../contract/event.js";
import type { NodeDrain, NodeReplacement } from "../contract/node-drain.js";
import type { NodeNotice } from "../contract/node-notice.js";
import { type Because, because, SILENT_PROBE } from "../contract/reasons.js";
import type { ClusterItem, NodeSummary } from "../contract/registry.js";
import type { ReplacementNote } from "../contract/writes/replacement.js";
import { reasonOf } from "../errors.js";
import type { Clock } from "../time/clock.js";
import type { GroupControl } from "./group.js";
import type { ReplacementLimits } from "./replacement-limits.js";
import { isByNotice, isDue, planReplacements, type ReplacementStep, recentOf } from "./replacement-plan.js";
import { createReplacementViews } from "./replacement-view.js";
import { createShrink } from "./shrink.js";
import { isBySurplus } from "./surplus-plan.js";

/** What a node leaves before it goes. */
export interface LastWords {
  /**
   * Keeps its journal, or its console where the node does not answer, in the log bucket; the address is empty of one that was never heard.
   * Gives where, or why not; bounded. Never rejects.
   */
  keep(node: Pick<NodeSummary, "id" | "address">): Promise<string>;
}

export interface ReplacementsDeps {
  readonly selfId: string;
  readonly limits: ReplacementLimits;
  readonly group: Pick<GroupControl, "end" | "setSize">;
  readonly lastWords: LastWords;
  /** Writes unless a newer head has written; false: one has. */
  noteReplacements(generation: number, note: ReplacementNote): Promise<boolean>;
  /** META, consistently read; null: the cluster is gone. */
  readCluster(): Promise<ClusterItem | null>;
  note(event: NewEvent): void;
  readonly clock: Pick<Clock, "now" | "monotonicMs">;
  readonly log: Logger;
}

/** What one look of the head is about. */
export interface ReplacementLook {
  readonly meta: ClusterItem;
  readonly nodes: readonly NodeSummary[];
  readonly usableNodes: number;
  noticesOf(id: string): readonly NodeNotice[];
  holdsWork(node: NodeSummary): boolean;
  /** By the node's own clock; undefined: it has not said it to this head. */
  bootedAtOf(id: string): string | undefined;
  readonly generation: number;
  /** Whether this node still is the head of that generation. */
  isCurrent(): boolean;
}

/** The nodes on their way out, in one head's term. */
export interface Replacements {
  /** Takes over what the head before has begun. `wereReady`: the nodes that it saw ready. */
  inherit(drains: ReadonlyMap<string, NodeDrain>, wereReady: ReadonlySet<string>): void;
  /** Decides anew. What it drains is in `drains` when this returns; what ends is ended by `act`. */
  look(look: ReplacementLook): void;
  /** Ends what the last look has found due: call it when the registry has the drains. Returns at once. */
  act(look: ReplacementLook): void;
  drains(): ReadonlyMap<string, NodeDrain>;
  /** What keeps a cluster from being as small as is wanted, for people; null: nothing. */
  surplus(look: ReplacementLook): string | null;
  /** Why the node is about to be taken by EC2, and whether its time is up; null: it is not. */
  leaving(id: string): { readonly why: Because<"node-interrupted">; readonly isDue: boolean } | null;
}

const RETRY_MS = 30_000;
/** How many nodes that do not count are ended at once: Auto Scaling would refuse a thousand calls at a time. */
const ENDS_AT_ONCE = 16;

/** Makes them for one term. */
export function createReplacements(deps: ReplacementsDeps): Replacements {
  const { clock, log } = deps;
  const drains = new Map<string, NodeDrain>();
  /** By id: before when an end that has failed is not tried again. */
  const notBefore = new Map<string, number>();
  const views = createReplacementViews(deps);
  const shrink = createShrink({ ...deps, drains: () => drains });
  let due: readonly ReplacementStep[] = [];
  let isActing = false;
  const noticed = new Set<string>();

  function note(code: NewEvent["code"], text: string, nodeId?: string): void {
    log.warn({ node: nodeId }, text);
    deps.note({ code, text, ...(nodeId === undefined ? {} : { nodeId }) });
  }

  /** Once for each notice. */
  function tellNotices({ nodes, noticesOf }: ReplacementLook): void {
    for (const { id } of nodes)
      for (const { kind, at, what } of noticesOf(id)) {
        const key = `${id} ${kind} ${at} ${what}`;
        if (noticed.has(key)) continue;
        noticed.add(key);
        note("node-notice", `EC2 announces ${kind} of ${id}: ${what}${at === null ? "" : `, at ${at}`}`, id);
      }
  }

  function begin(step: ReplacementStep): void {
    if (step.type === "drain") {
      drains.set(step.id, step.drain);
      if (step.drain.reasonCode === "node-silent-too-long")
        note("node-lost", `${step.id} is lost: ${step.drain.reason}`, step.id);
      note("node-draining", `${step.id} takes no new job: ${step.drain.reason}`, step.id);
    } else if (step.type === "return") {
      drains.delete(step.id);
      log.info({ node: step.id, why: step.why }, "a node that was draining stays");
    }
  }

  async function endNode({ id, counts, isReplaced }: End, look: ReplacementLook): Promise<void> {
    const node = look.nodes.find((other) => other.id === id);
    const drain = drains.get(id);
    if (node === undefined || drain === undefined || drain.endedAt !== null) return;
    // One that is in order leaves nothing that is worth a look.
    const kept = isBySurplus(drain) ? null : await deps.lastWords.keep(node);
    const { replacements = [], protectedSince = null } = look.meta;
    const at = clock.now().toISOString();
    if (!look.isCurrent() || drains.get(id) !== drain) return;
    const isCounted = replacements.some(({ nodeId }) => nodeId === id);
    if (counts && !isCounted) {
      const history: NodeReplacement[] = [
        ...recentOf(replacements, clock.now()),
        { nodeId: id, at, reasonCode: drain.reasonCode },
      ];
      if (!(await deps.noteReplacements(look.generation, { replacements: history, protectedSince }))) return;
    }
    // Between the verdict and the end a job may have been placed there: not on a node that drains, but one that was launching.
    if (!look.isCurrent() || (look.holdsWork(node) && !isDue(drain, clock.now()) && !isSilent(node))) return;
    await deps.group.end(id, isReplaced).catch((error: unknown) => {
      if (!isGoneAlready(error)) throw error;
    });
    drains.set(id, { ...drain, endedAt: at });
    if (counts) views.ended(id);
    const what = isReplaced ? "and the group starts another" : "and the group has one node less";
    const why = [drain.reason, ...(kept === null ? [] : [kept])].join("; ");
    note(isReplaced ? "node-replaced" : "node-ended", `${id} was given back, ${what}: ${why}`, id);
  }

  async function protect(reason: string, { meta, generation }: ReplacementLook): Promise<void> {
    const protectedSince = clock.now().toISOString();
    const { replacements = [] } = meta;
    if (await deps.noteReplacements(generation, { replacements, protectedSince }))
      note("fleet-protected", `no more failing nodes are replaced: ${reason}`);
  }

  async function take(step: ReplacementStep, look: ReplacementLook): Promise<void> {
    if (step.type === "protect") await protect(step.reason, look);
    if (step.type === "unprotect") {
      const { replacements = [] } = look.meta;
      await deps.noteReplacements(look.generation, { replacements, protectedSince: null });
    }
    if (step.type !== "end") return;
    try {
      await endNode(step, look);
    } catch (error) {
      notBefore.set(step.id, clock.monotonicMs() + RETRY_MS);
      log.warn({ node: step.id, reason: reasonOf(error) }, "a node could not be replaced; trying again");
    }
  }

  async function carryOut(look: ReplacementLook): Promise<void> {
    // Of those that count one at a time: each changes the count that the next one is judged by, at the next look.
    const isFree = (step: ReplacementStep) => step.type === "end" && !step.counts;
    const nowMs = clock.monotonicMs();
    const ready = due.filter((step) => step.type !== "end" || (notBefore.get(step.id) ?? 0) <= nowMs);
    const others = ready.filter((step) => !isFree(step));
    const steps = [...ready.filter(isFree).slice(0, ENDS_AT_ONCE), ...others.slice(0, 1)];
    await Promise.all(steps.map((step) => take(step, look)));
    const isSmaller = steps.some((step) => step.type === "end" && !step.isReplaced);
    const isSet = !isSmaller && look.isCurrent() && shrink.isDue(look);
    if (isSet) await shrink.finish(look.meta);
    if (isSmaller || isSet) await shrink.follow(look.meta);
  }

  return {
    inherit(before, ready) {
      for (const [id, drain] of before) drains.set(id, drain);
      views.inherit(ready);
    },
    look(look) {
      tellNotices(look);
      const steps = planReplacements(views.next(look, drains));
      for (const step of steps) begin(step);
      due = steps.filter(({ type }) => type !== "drain" && type !== "return");
    },
    act(look) {
      if (isActing || (due.length === 0 && !shrink.isDue(look))) return;
      isActing = true;
      carryOut(look)
        .catch((error: unknown) =>
          log.warn({ reason: reasonOf(error) }, "nodes could not be replaced or ended; trying again"),
        )
        .finally(() => {
          isActing = false;
        });
    },
    surplus: shrink.pending,
    drains: () => drains,
    leaving(id) {
      const drain = drains.get(id);
      if (drain === undefined || !isByNotice(drain)) return null;
      const why = because("node-interrupted", `node ${id} is taken: ${drain.reason}`);
      return { why, isDue: isDue(drain, clock.now()) };
    },
  };
}

type End = Extract<ReplacementStep, { type: "end" }>;

/** Auto Scaling's word for an instance that it does not have any more. A group that may not become smaller is refused by the same name. */
const isGoneAlready = (error: unknown): boolean =>
  error instanceof Error && error.name === "ValidationError" && !/min ?size/i.test(error.message);

const isSilent = ({ failingProbes }: Pick<NodeSummary, "failingProbes">): boolean =>
  failingProbes.includes(SILENT_PROBE);
