import { type NotebookReasonCode, REASONS } from "../../../agent/contract/reasons.js";
import type { NotebookItem } from "../../../agent/contract/registry.js";
import type { MusterClient, ScalingActivity, ScalingGroup } from "../../client/ports.js";
import { type Diagnostic, errorDiagnostic } from "../../core/diagnostic.js";
import { renderActivities, renderConsole, renderGroup } from "../fleet/diagnosis.js";
import { renderProbes } from "./progress.js";
import { isEnding } from "./state.js";

/** Everything known about a notebook that did not become ready. */
export interface NotebookFindings {
  /** Null: none is known. */
  readonly reasonCode: NotebookReasonCode | null;
  readonly reason: string;
  /** The next step, if the cause is known. */
  readonly next?: string;
  /** The instance whose console shows why, if known. */
  readonly instanceId?: string;
  readonly notebook: NotebookItem | null;
  readonly group: ScalingGroup | null;
  readonly activities: readonly ScalingActivity[];
  readonly console: { readonly instanceId: string; readonly lines: readonly string[] } | null;
}

const ACTIVITIES = 5;
const CONSOLE_LINES = 400;

/** Gathers it. A source that fails is left out, so that a second failure does not hide the diagnosis. */
export async function observeFindings(
  { notebooks, groups }: Pick<MusterClient, "notebooks" | "groups">,
  { clusterUuid, name, groupName }: { clusterUuid: string; name: string; groupName: string },
  about: Pick<NotebookFindings, "reasonCode" | "reason" | "next" | "instanceId">,
): Promise<NotebookFindings> {
  const [notebook, group, activities] = await Promise.all([
    notebooks.read(clusterUuid, name).catch(() => null),
    groups.describe(groupName).catch(() => null),
    groups.activities(groupName, ACTIVITIES).catch(() => []),
  ]);
  const present = group?.instances.find((instance) => !isEnding(instance))?.id;
  const instanceId = about.instanceId ?? notebook?.instanceId ?? present;
  const lines =
    instanceId === undefined ? [] : await groups.consoleLines(instanceId, CONSOLE_LINES).catch(() => []);
  const console = instanceId === undefined ? null : { instanceId, lines };
  return { ...about, notebook, group, activities, console };
}

/** The diagnostic, with the failing probe and the next step. */
export function renderDiagnosis(name: string, groupName: string, findings: NotebookFindings): Diagnostic {
  const { reasonCode, reason, notebook, group } = findings;
  const sections = [
    `Notebook ${name}${notebook === null ? "" : ` of cluster ${notebook.clusterUuid}`}, Auto Scaling group ${groupName}: ${reason}.`,
    renderStatus(notebook),
    ...(notebook === null ? [] : renderProbes(notebook).map(capitalised)),
    renderGroup(group, 1),
    ...renderActivities(findings.activities),
    ...renderConsole(findings.console),
    `Next: ${nextStep(findings)}`,
  ];
  const probes = notebook?.failingProbes ?? [];
  const which = probes.length === 0 ? "" : `: ${probes.join(", ")}`;
  const summary = `Notebook ${name} is not ready${which}`;
  return { ...errorDiagnostic("notebook-not-ready", summary, sections.join("\n")), reasonCode };
}

/** Of the cause, else of the probe that fails. */
function nextStep({ next, notebook }: NotebookFindings): string {
  const code = notebook?.reasonCode ?? null;
  const advice = next ?? (code === null ? null : REASONS[code].next);
  const again = "Then apply again, or destroy; both begin from what exists now.";
  return advice === null ? `correct the cause. ${again}` : `${advice} ${again}`;
}

function renderStatus(notebook: NotebookItem | null): string {
  if (notebook === null) return "Registry: it has no item of this notebook.";
  const { status, phase, instanceId, address } = notebook;
  const node =
    instanceId === null ? "none has said anything yet" : `${instanceId} (${address ?? "no address"})`;
  return `Status: ${status}, phase ${phase}; node: ${node}.`;
}

const capitalised = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

const REASON_LINES = 3;
const REASON_LINE_CHARACTERS = 200;

/** The reason that the registry keeps: which probe fails, and the console's last lines. */
export function renderReason({ reason, notebook, console }: NotebookFindings): string {
  const lines = (console?.lines ?? [])
    .slice(-REASON_LINES)
    .map((line) => line.replace(/\p{Cc}+/gu, " ").slice(0, REASON_LINE_CHARACTERS));
  return [
    `${reason}.`,
    ...(notebook === null ? [] : renderProbes(notebook).map(capitalised)),
    ...(console === null || lines.length === 0
      ? []
      : [`Console of ${console.instanceId}: ${lines.join(" | ")}`]),
  ].join(" ");
}
