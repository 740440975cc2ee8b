import { type NotebookReasonCode, REASONS } from "../../../agent/contract/reasons.js";
import type { NotebookItem } from "../../../agent/contract/registry.js";

/** How far a notebook's start is, from the registry alone. `fatal`: waiting longer can't help. */
export type NotebookProgress =
  | { readonly kind: "ready"; readonly item: NotebookItem }
  | { readonly kind: "waiting"; readonly summary: string }
  /** `reasonCode` null: there is none. */
  | { readonly kind: "fatal"; readonly reasonCode: NotebookReasonCode | null; readonly reason: string };

const fatal = (reason: string, reasonCode: NotebookReasonCode | null = null): NotebookProgress => ({
  kind: "fatal",
  reasonCode,
  reason,
});

/**
 * Judges the item as read after the start was written. That write set INPROGRESS, so a FINISHED can only come from the agent of the
 * node that was asked for: no clocks need to agree. Pure.
 */
export function judgeNotebook(item: NotebookItem | null, owner: string): NotebookProgress {
  if (item === null) return fatal("the notebook was removed from the registry meanwhile");
  if (item.owner !== owner) return fatal("another muster_notebook took the notebook over meanwhile");
  switch (item.status) {
    case "FINISHED":
      return item.phase === "ready"
        ? { kind: "ready", item }
        : { kind: "waiting", summary: renderWait(item) };
    case "NEW":
    case "INPROGRESS":
      return { kind: "waiting", summary: renderWait(item) };
    case "PARKED":
      return fatal("the notebook was parked meanwhile: by muster notebook stop, or by its idle time");
    case "FAILED":
      return fatal(`the notebook FAILED: ${item.reason ?? "no reason is recorded"}`, item.reasonCode);
    case "REMOVING":
    case "REMOVED":
      return fatal(`the notebook is ${item.status}`);
  }
}

function renderWait(item: NotebookItem): string {
  const node = item.instanceId === null ? "no node has said anything yet" : `node ${item.instanceId}`;
  return [`phase ${item.phase}`, node, ...renderProbes(item)].join(", ");
}

/** What fails, and why: "failing probes: jupyter (notebook-jupyter-down: it does not answer)". */
export function renderProbes({
  failingProbes,
  reasonCode,
  reason,
}: Pick<NotebookItem, "failingProbes" | "reasonCode" | "reason">): readonly string[] {
  const because = reasonCode === null ? "" : ` (${reasonCode}: ${reason ?? REASONS[reasonCode].meaning})`;
  if (failingProbes.length === 0) return because === "" ? [] : [because.trim()];
  const which = failingProbes.length === 1 ? "failing probe" : "failing probes";
  return [`${which}: ${failingProbes.join(", ")}${because}`];
}
