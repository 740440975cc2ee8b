import { because, type NotebookReasonCode } from "../../../agent/contract/reasons.js";
import type { NotebookItem } from "../../../agent/contract/registry.js";
import { WaitTimeoutError } from "../../../agent/contract/wait.js";
import { notebookWrites } from "../../../agent/contract/writes/notebook.js";
import type { ScalingGroup } from "../../client/ports.js";
import { DiagnosticError } from "../../core/diagnostic.js";
import { watchAgents } from "../fleet/agents.js";
import { HopelessError, knownCause } from "../fleet/hopeless.js";
import { watchLaunches } from "../fleet/launches.js";
import { applyAsSeen, changedMeanwhile } from "./attach.js";
import type { NotebookContext } from "./context.js";
import { type NotebookFindings, observeFindings, renderDiagnosis, renderReason } from "./diagnosis.js";
import { judgeNotebook } from "./progress.js";
import { planRenewal } from "./renew.js";

/** The subject of a start. `group` exists, and `notebook` is as it was just read or written. */
export interface Start {
  readonly notebook: NotebookItem;
  readonly group: ScalingGroup;
  /** The launch template's, as `id/version`. */
  readonly nodeVersion: string;
  readonly timeoutMs: number;
}

const LOOK_EVERY_MS = 1000;

/**
 * Gives the notebook a node of that version, ending one of another, and waits until it is ready. Continues what an earlier attempt
 * began. Returns the notebook as it is then.
 */
export async function applyStart(start: Start, context: NotebookContext): Promise<NotebookItem> {
  const { notebook, group, nodeVersion, timeoutMs } = start;
  const { end, keep, retiring } = planRenewal(notebook, group, nodeVersion);
  const isReady = judgeNotebook(notebook, notebook.owner).kind === "ready";
  if (isReady && keep !== null && keep === notebook.instanceId && end.length === 0) return notebook;
  const launches = await watchLaunches(group.name, timeoutMs, context);
  const isUnderWay = notebook.status === "INPROGRESS" && keep !== null && end.length === 0;
  if (!isUnderWay) await requestNode(notebook, retiring, context);
  for (const instanceId of end) await context.client.groups.replace(instanceId);
  await context.client.groups.resize(group, 1);
  try {
    return await awaitReady(start, launches, context);
  } catch (error) {
    if (!(error instanceof WaitTimeoutError || error instanceof HopelessError)) throw error;
    // Diagnosed first, as it was at the time-out.
    const code = error instanceof HopelessError ? error.reasonCode : "notebook-not-ready-in-time";
    const reason = error.message.replace(/\.$/, "");
    const findings = await findingsOf(start, context, { reasonCode: code, reason, ...knownCause(error) });
    await markFailed(start, code, findings, context);
    throw diagnosisOf(start, findings);
  }
}

/** Before the old node ends: its agent's words count no more from here on. */
async function requestNode(
  notebook: NotebookItem,
  retiring: string | null,
  { client, clock }: NotebookContext,
): Promise<void> {
  const start = (seen: NotebookItem) => notebookWrites.start(seen, retiring, clock.now());
  const started = await applyAsSeen(notebook, start, client);
  if (started === null) throw changedMeanwhile(notebook.name);
}

function awaitReady(
  start: Start,
  launches: { look(): Promise<void> },
  context: NotebookContext,
): Promise<NotebookItem> {
  const { notebook, group, timeoutMs } = start;
  const { clusterUuid, name, owner } = notebook;
  /** The node that has said something. */
  let heard: string | null = null;
  const agents = watchAgents(group.name, async () => (heard === null ? [] : [{ id: heard }]), context);
  return context.poll(
    `notebook ${name} to be ready`,
    async () => {
      const item = await context.client.notebooks.read(clusterUuid, name);
      const progress = judgeNotebook(item, owner);
      if (progress.kind === "fatal") {
        const { reasonCode, reason } = progress;
        throw diagnosisOf(start, await findingsOf(start, context, { reasonCode, reason }));
      }
      if (progress.kind === "ready") return { done: true, value: progress.item };
      heard = item?.instanceId ?? null;
      await launches.look();
      await agents.look();
      return { done: false, progress: progress.summary };
    },
    { everyMs: LOOK_EVERY_MS, timeoutMs },
  );
}

/** Only while it still waits for its node; where that has become ready by now, it stays so. */
async function markFailed(
  { notebook }: Start,
  code: NotebookReasonCode,
  findings: NotebookFindings,
  { client, clock, log }: NotebookContext,
): Promise<void> {
  try {
    const why = because(code, renderReason(findings));
    await client.notebooks.update(notebookWrites.fail(notebook, why, clock.now()));
  } catch (error) {
    log.warn("could not mark the notebook FAILED", { error: String(error) });
  }
}

const findingsOf = (
  { notebook: { clusterUuid, name }, group }: Start,
  { client }: NotebookContext,
  about: Pick<NotebookFindings, "reasonCode" | "reason" | "next" | "instanceId">,
): Promise<NotebookFindings> => observeFindings(client, { clusterUuid, name, groupName: group.name }, about);

const diagnosisOf = ({ notebook, group }: Start, findings: NotebookFindings): DiagnosticError =>
  new DiagnosticError([renderDiagnosis(notebook.name, group.name, findings)]);
