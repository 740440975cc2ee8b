/**
 * A write of the registry as a value: which item, on what condition, which change. It knows no SDK; render.ts words it for
 * DynamoDB, and tests apply it to items in memory.
 */

/** Where an item is: its partition and its sort key. */
export type Key = Readonly<Record<string, string>>;
/** An attribute, or one inside it: "status", ["fleet", "owner"]. */
export type AttributePath = string | readonly [string, ...string[]];

/** What must hold of the item as it is just before the write. An item that is not there has no attributes. */
export type Condition =
  | { readonly is: "present" | "absent" | "number"; readonly path: AttributePath }
  | { readonly is: "equal"; readonly path: AttributePath; readonly value: string | number | boolean }
  | { readonly is: "at-most"; readonly path: AttributePath; readonly value: number }
  | { readonly is: "one-of"; readonly path: AttributePath; readonly values: readonly string[] }
  | { readonly is: "all" | "any"; readonly of: readonly Condition[] }
  | { readonly is: "not"; readonly of: Condition };

type Attributes = Readonly<Record<string, unknown>>;

/** Puts the whole item in the place of what was there. */
export interface Put {
  readonly write: "put";
  readonly key: Key;
  /** Without its keys. */
  readonly item: Attributes;
  /** Null: none, for the reason that its rule gives. */
  readonly condition: Condition | null;
}

/** Sets and removes attributes, all or none. Without a condition it makes the item where there is none. */
export interface Update {
  readonly write: "update";
  readonly key: Key;
  readonly set: Attributes;
  /** By attribute: what is set inside it, and the rest of it stays. DynamoDB refuses the write where the attribute is not there. */
  readonly within: Readonly<Record<string, Attributes>>;
  readonly remove: readonly string[];
  readonly condition: Condition | null;
}

/** Deletes the item. One that is gone already is no error, unless the condition says so. */
export interface Delete {
  readonly write: "delete";
  readonly key: Key;
  readonly condition: Condition | null;
}

/** One change of one item. Several of them in a transaction are made all or none. */
export type Write = Put | Update | Delete;

/**
 * Who makes a write. `provider`: Terraform. `head`: the agent that holds the lease. `node`: any agent. `submitter`: a user or
 * program that may submit jobs, that is the provider, the commands, any agent for a client of its HTTP API, and the head for a schedule.
 */
type Writer = "provider" | "head" | "node" | "submitter";

/** What is said of a legal write. */
export interface Rule {
  readonly by: readonly Writer[];
  /** What it is for, and what its condition keeps from happening. */
  readonly why: string;
  /** Why it needs no condition; left out where it has one. */
  readonly unconditional?: string;
}

/** A legal write: makes the value for its arguments. Pure. */
export type LegalWrite<Arguments extends readonly unknown[] = never[], W extends Write = Write> = ((
  ...given: Arguments
) => W) & { readonly rule: Rule };

/** Declares a legal write. */
export function legal<Arguments extends readonly unknown[], W extends Write>(
  rule: Rule,
  make: (...given: Arguments) => W,
): LegalWrite<Arguments, W> {
  return Object.assign((...given: Arguments) => make(...given), { rule });
}

export const present = (path: AttributePath): Condition => ({ is: "present", path });
export const absent = (path: AttributePath): Condition => ({ is: "absent", path });
export const isNumber = (path: AttributePath): Condition => ({ is: "number", path });
export const equal = (path: AttributePath, value: string | number | boolean): Condition => ({
  is: "equal",
  path,
  value,
});
export const atMost = (path: AttributePath, value: number): Condition => ({ is: "at-most", path, value });
/** Not a newer head's. An item that was written by hand may have no generation, or any value in its place. */
export const isWritableByHead = (generation: number): Condition =>
  any(absent("leaseGeneration"), not(isNumber("leaseGeneration")), atMost("leaseGeneration", generation));
export const oneOf = (path: AttributePath, values: readonly string[]): Condition => ({
  is: "one-of",
  path,
  values,
});
export const all = (...of: readonly Condition[]): Condition => ({ is: "all", of });
export const any = (...of: readonly Condition[]): Condition => ({ is: "any", of });
export const not = (of: Condition): Condition => ({ is: "not", of });

/** An Update; `within` and `remove` may be left out. */
export const update = (
  key: Key,
  { set, within = {}, remove = [] }: Pick<Update, "set"> & Partial<Pick<Update, "within" | "remove">>,
  condition: Condition | null,
): Update => ({ write: "update", key, set, within, remove, condition });
