import { closest, distance } from "fastest-levenshtein";
import { NAME_PATTERN } from "../../../agent/contract/names.js";
import type { NotebookItem } from "../../../agent/contract/notebook.js";
import { REASONS } from "../../../agent/contract/reasons.js";
import { failure, refusal, unusable } from "./exit.js";
import type { Access } from "./ports.js";

const LISTED = 20;
const MOST_SLIPS = 2;

/** The org's notebook with this name. Throws a CommandError that lists those that there are. */
export async function findNotebook(
  { notebooks }: Pick<Access, "notebooks">,
  { org, region }: { readonly org: string; readonly region: string },
  name: string,
): Promise<NotebookItem> {
  if (!new RegExp(NAME_PATTERN).test(name))
    throw unusable([
      `"${name}" is no notebook's name: one has 2 to 32 lower-case letters, digits and hyphens, a letter first`,
    ]);
  const found = await notebooks.find(name);
  if (found !== null) return found;
  const names = await notebooks.names();
  const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : "";
  const known = names.length === 0 ? "It has none" : `It has ${names.slice(0, LISTED).join(", ")}${more}`;
  const near = names.length === 0 ? null : closest(name, names);
  const hint = near !== null && distance(near, name) <= MOST_SLIPS ? ` Did you mean ${near}?` : "";
  throw failure(`Org ${org} has no notebook ${name} in ${region}. ${known}.${hint}`);
}

/** Throws where the notebook is on its way out. */
export function refuseRemoved({ name, status }: Pick<NotebookItem, "name" | "status">): void {
  if (status === "REMOVING" || status === "REMOVED")
    throw refusal(`Notebook ${name} is ${status}: Terraform destroys it.`);
}

/** What a notebook waits for, in words: "waiting for its node", "readiness probes: failing jupyter". Pure. */
export function describeNotebook({
  phase,
  failingProbes,
}: Pick<NotebookItem, "phase" | "failingProbes">): string {
  const failing = failingProbes.length === 0 ? "" : `: failing ${failingProbes.join(", ")}`;
  switch (phase) {
    case "waiting-for-node":
      return "waiting for its node";
    case "readiness-probes":
      return `readiness probes${failing}`;
    case "unready":
      return `not ready any more${failing}`;
    default:
      return phase;
  }
}

/** Why it is not ready, and the next step; null: no reason is recorded. Pure. */
export function whyNotebook({
  reasonCode,
  reason,
}: Pick<NotebookItem, "reasonCode" | "reason">): string | null {
  if (reasonCode === null) return reason;
  return `${reason ?? REASONS[reasonCode].meaning} (${reasonCode}). ${REASONS[reasonCode].next}`;
}

/** A node that is well writes once a minute. */
const SILENT_MS = 150_000;

/** Whether a notebook's node has said nothing for so long that it may be lost, whatever its status still says. Pure. */
export const isSilent = (
  { status, instanceId, observedAt }: Pick<NotebookItem, "status" | "instanceId" | "observedAt">,
  now: Date,
): boolean =>
  instanceId !== null &&
  observedAt !== null &&
  (status === "INPROGRESS" || status === "FINISHED" || status === "FAILED") &&
  now.getTime() - Date.parse(observedAt) >= SILENT_MS;
