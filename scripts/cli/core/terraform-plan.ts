/** What is to happen to one resource. */
export interface PlannedChange {
  readonly address: string;
  readonly action: "create" | "update" | "replace" | "delete" | "read" | "forget";
  /** Of an update or a replacement: what differs, a line each. No sensitive value is in it. */
  readonly attributes: readonly string[];
}

/** What became of the plan of a stack. */
export interface StackPlan {
  readonly stack: string;
  /** `waiting`: a stack that it reads from is not deployed yet. */
  readonly result: "unchanged" | "changed" | "waiting" | "failed";
  /** Of `waiting` and `failed`. */
  readonly why: string | null;
  readonly changes: readonly PlannedChange[];
  /** The outputs that change. */
  readonly outputs: readonly string[];
  /** The resources that were changed outside of Terraform. */
  readonly drifted: readonly string[];
}

type Values = Readonly<Record<string, unknown>> | null;

interface Change {
  readonly actions: readonly string[];
  readonly before?: Values;
  readonly after?: Values;
  readonly after_unknown?: unknown;
  readonly before_sensitive?: unknown;
  readonly after_sensitive?: unknown;
}

/** The used parts of `terraform show -json`. @see https://developer.hashicorp.com/terraform/internals/json-format */
interface ShownPlan {
  readonly resource_changes?: readonly { readonly address: string; readonly change: Change }[];
  readonly resource_drift?: readonly { readonly address: string }[];
  readonly output_changes?: Readonly<Record<string, Change>>;
  readonly prior_state?: {
    readonly values?: {
      readonly root_module?: { readonly resources?: readonly { readonly mode: string }[] };
    };
  };
}

/** A plan, and whether the stack was ever deployed. */
export interface ReadPlan {
  readonly plan: StackPlan;
  readonly isDeployed: boolean;
}

/** From `terraform show -json` of a stack's plan. Throws on what is no JSON. Pure. */
export function readPlan(stack: string, json: string): ReadPlan {
  const shown = JSON.parse(json) as ShownPlan;
  const changes = (shown.resource_changes ?? []).flatMap(({ address, change }) => {
    const action = actionOf(change.actions);
    if (action === null) return [];
    const differs = action === "update" || action === "replace";
    return [{ address, action, attributes: differs ? differences(change) : [] }];
  });
  const outputs = Object.entries(shown.output_changes ?? {})
    .filter(([, { actions }]) => actionOf(actions) !== null)
    .map(([name]) => name);
  const acts = changes.some(({ action }) => action !== "read") || outputs.length > 0;
  const drifted = (shown.resource_drift ?? []).map(({ address }) => address);
  const resources = shown.prior_state?.values?.root_module?.resources ?? [];
  return {
    plan: { stack, result: acts ? "changed" : "unchanged", why: null, changes, outputs, drifted },
    isDeployed: resources.some(({ mode }) => mode === "managed"),
  };
}

function actionOf(actions: readonly string[]): PlannedChange["action"] | null {
  if (actions.length === 2) return "replace";
  const [action] = actions;
  const known = ["create", "update", "delete", "read", "forget"] as const;
  return known.find((name) => name === action) ?? null;
}

function differences(change: Change): readonly string[] {
  const before = change.before ?? {};
  const after = change.after ?? {};
  const unknown = fieldsOf(change.after_unknown);
  const names = new Set([...Object.keys(before), ...Object.keys(after), ...Object.keys(unknown)]);
  return [...names].sort().flatMap((name) => {
    const isUnknown = holdsTrue(unknown[name]);
    if (!isUnknown && JSON.stringify(before[name] ?? null) === JSON.stringify(after[name] ?? null)) return [];
    if (isSensitive(change.before_sensitive, name) || isSensitive(change.after_sensitive, name))
      return [`${name}: (sensitive)`];
    const next = isUnknown ? "(known after apply)" : shown(after[name]);
    return [`${name}: ${shown(before[name])} -> ${next}`];
  });
}

/** A mask of Terraform's: true, or true somewhere within. */
const holdsTrue = (mask: unknown): boolean =>
  mask === true || (typeof mask === "object" && mask !== null && Object.values(mask).some(holdsTrue));

const isSensitive = (mask: unknown, name: string): boolean =>
  mask === true || holdsTrue(fieldsOf(mask)[name]);

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

/** Longer values are cut. */
const SHOWN_CHARACTERS = 120;

function shown(value: unknown): string {
  const text = JSON.stringify(value ?? null);
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}...`;
}
