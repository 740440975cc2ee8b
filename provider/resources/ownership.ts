import { randomUUID } from "node:crypto";
import { type Diagnostic, DiagnosticError, type Warning } from "../core/diagnostic.js";
import type { PrivateState } from "../core/private-state.js";
import { UNKNOWN, type Unknown } from "../core/value.js";

/**
 * What is found by a name (a cluster's fleet, a job definition) could be another resource's as well: of a renamed address, of another
 * state. So the resource that makes it puts a random token on it in the registry, and keeps the same in its state, as the attribute
 * `owner`. An attribute, because Terraform gives the destruction of a tainted or a replaced object nothing else of it.
 */

/**
 * - own: the state has the token.
 * - free: it has no token (from an older version), or it was imported and the next write takes it over.
 * - foreign: it belongs to another resource. Never change it.
 */
export type Standing = "own" | "free" | "foreign";

export interface Owned {
  /** The token in the state; null: none yet. */
  readonly owner: string | null;
}

export const newOwner = (): string => randomUUID();

/** The relation of a state to an object with the token `registered` in the registry (undefined: none). Pure. */
export function standing(
  registered: string | undefined,
  { owner }: Owned,
  privateState: Pick<PrivateState, "get">,
): Standing {
  if (registered === undefined) return "free";
  if (registered === owner) return "own";
  return owner === null && privateState.get(IMPORTED) === true ? "free" : "foreign";
}

const IMPORTED = "imported";

/** Remembers that the object was imported: it may then be taken over from its owner. */
export const markImported = (privateState: PrivateState): void => privateState.set(IMPORTED, true);

/** The planned owner: a state without one takes the object over by its next apply. */
export const foreseenOwner = (prior: Owned | null): { readonly owner?: Unknown } =>
  prior !== null && prior.owner === null ? { owner: UNKNOWN } : {};

/** AWS refused, so nothing was created. Without an answer, something may exist, and must not be lost. */
export const isRefusal = (error: unknown): boolean => error instanceof DiagnosticError && !error.transient;

/** How a person takes over an object of another resource; `importId` is its id. */
export const takeOver = (importId: string): string =>
  [
    "If only its address in the configuration changed, say so: a moved block, or terraform state mv OLD NEW. The one at the old address was perhaps destroyed by this same apply: then apply again.",
    `If no state has it any more (Terraform was killed before it wrote the state, or the state was lost), or if it is to be managed from here: terraform import ADDRESS ${importId}, and apply. It is then this resource's alone.`,
  ].join("\n");

/** A plan's warning that its apply will fail because the object has an owner. `what` begins a sentence. */
export const plannedOver = (what: string, importId: string): Diagnostic => ({
  severity: "warning",
  code: "already-there",
  summary: `${what} is there already`,
  detail: [
    "Another muster resource owns it, and the apply will refuse to make it a second time.",
    "If only the address in the configuration changed, don't apply: say so by a moved block, or terraform state mv OLD NEW. Otherwise what is at the old address is destroyed, and another apply makes this one.",
    `If no state has it any more: terraform import ADDRESS ${importId}.`,
    "If this resource is tainted, it is its own that is there: Terraform destroys it first, and there is nothing to do.",
  ].join("\n"),
});

/** The warning, where a state has what another resource has taken over since. `what` begins a sentence. */
export function foreignWarning(what: string, importId: string): Warning {
  return {
    code: "owned-elsewhere",
    summary: `${what} is not this resource's any more`,
    detail: `Another resource has it in its state: it was imported there, or made anew. Nothing of it is changed or destroyed from here; it is dropped from this state. Remove it from this configuration. To take it back instead: terraform import ADDRESS ${importId}, and apply.`,
  };
}
