import { isDeepStrictEqual } from "node:util";
import type { NotebookActivity, NotebookItem } from "../contract/notebook.js";
import { nextNotebookStatus } from "../contract/notebook-state.js";
import { endedNotebookUsage } from "../contract/notebook-usage.js";
import { type Because, because, NO_REASON, type NotebookReasonCode } from "../contract/reasons.js";
import type { NotebookObservation } from "../contract/writes/notebook.js";

/** A readiness probe that fails, and what it says. */
export interface FailingProbe {
  readonly name: string;
  readonly reason: string;
}

/** The notebook as its agent sees it now. */
export interface NotebookView {
  readonly instanceId: string;
  readonly instanceType: string;
  readonly address: string;
  readonly publicAddress: string | null;
  readonly failing: readonly FailingProbe[];
  /** Null: nothing was looked at yet. */
  readonly activity: NotebookActivity | null;
}

const PROBE_REASONS: Readonly<Record<string, NotebookReasonCode>> = {
  shared: "notebook-shared-unusable",
  home: "notebook-home-unusable",
  hostfile: "notebook-hostfile-unreadable",
  head: "notebook-head-unreachable",
  jupyter: "notebook-jupyter-down",
  kernel: "notebook-kernel-dead",
};
const MAX_REASON_CHARACTERS = 500;

/** Why it is not ready, by the first probe that fails; what follows from another stands behind it. Pure. */
export function notebookReason([
  first,
  ...others
]: readonly FailingProbe[]): Because<NotebookReasonCode> | null {
  if (first === undefined) return null;
  const code = PROBE_REASONS[first.name] ?? "notebook-probe-failing";
  const more = others.length === 0 ? "" : `; failing too: ${others.map(({ name }) => name).join(", ")}`;
  return because(code, `${first.name}: ${first.reason}`.slice(0, MAX_REASON_CHARACTERS) + more);
}

const WRITE_EVERY_MS = 60_000;
const CHANGE_GAP_MS = 10_000;

/**
 * The write that makes the notebook's item match `view`; null: it matches, or says that this node has no more to say. On a change at
 * once; activity, which moves all the time, once in ten seconds where it begins or ends, else once a minute. Pure.
 */
export function planNotebookObservation(
  item: NotebookItem,
  view: NotebookView,
  now: Date,
): NotebookObservation | null {
  const isOver = item.retiring === view.instanceId || !isObserved(item.status);
  if (isOver) return null;
  const { failing, activity, ...node } = view;
  const wanted = { ...node, ...standing(item, failing, now), failingProbes: failing.map(({ name }) => name) };
  const isSame = Object.entries(wanted).every(([key, value]) =>
    isDeepStrictEqual(item[key as keyof NotebookItem], value),
  );
  const sinceMs = now.getTime() - Date.parse(item.observedAt ?? "");
  const gapMs = hasMoved(item.activity, activity) ? CHANGE_GAP_MS : WRITE_EVERY_MS;
  if (isSame && sinceMs < gapMs) return null;
  return {
    ...wanted,
    ...replacedUsage(item, view, now),
    ...(activity === null ? {} : { activity }),
    observedAt: now.toISOString(),
  };
}

/** Auto Scaling has put a node of another type in the place of one that was in use: what that was used for ends, and an interval of this type begins. */
function replacedUsage(
  item: NotebookItem,
  { instanceType }: NotebookView,
  now: Date,
): Partial<Pick<NotebookItem, "usageToRecord" | "statusChangedAt">> {
  const { status, instanceType: before } = item;
  if (status !== "FINISHED" || before === null || before === instanceType) return {};
  return { usageToRecord: [...endedNotebookUsage(item, now)], statusChangedAt: now.toISOString() };
}

const isObserved = (status: NotebookItem["status"]): boolean =>
  status === "INPROGRESS" || status === "FINISHED" || status === "FAILED";

/** Status, phase and reason. What FAILED once stays so until all passes: a person has to know why. */
function standing(
  { status, phase, reasonCode, reason }: NotebookItem,
  failing: readonly FailingProbe[],
  now: Date,
): Pick<NotebookItem, "phase" | "reasonCode" | "reason"> &
  Partial<Pick<NotebookItem, "status" | "statusChangedAt">> {
  const why = notebookReason(failing);
  if (why === null) {
    const ready = { phase: "ready", ...NO_REASON } as const;
    if (status === "FINISHED") return ready;
    return { ...ready, status: nextNotebookStatus(status, "ready"), statusChangedAt: now.toISOString() };
  }
  if (status === "FAILED") return { phase, reasonCode, reason };
  return { phase: status === "FINISHED" ? "unready" : "readiness-probes", ...why };
}

/** Something has begun or ended. */
function hasMoved(before: NotebookActivity | undefined, after: NotebookActivity | null): boolean {
  const outline = ({ kernels, busyKernels, terminals, parksAt, mpiReleaseAt }: NotebookActivity) => [
    ...[kernels, busyKernels, terminals, parksAt === null, mpiReleaseAt === null],
  ];
  if (before === undefined || after === null) return before === undefined && after !== null;
  return !isDeepStrictEqual(outline(before), outline(after));
}
