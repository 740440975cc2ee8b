import type { Look } from "../../agent/contract/wait.js";
import type { Diagnostic, Warning } from "./diagnostic.js";
import type { PollTimes } from "./poll.js";
import type { PrivateState } from "./private-state.js";
import type { Runtime } from "./runtime.js";
import type { Computed, Config, Foreseen, Schema, State } from "./types.js";

/** What an action gets beside its values. */
export interface Context<S extends Schema, Client> extends Runtime {
  readonly client: Client;
  readonly privateState: PrivateState;
  /**
   * Tells what must not be lost: whatever happens next, these values are in the state. Call it with the id before the
   * first call that makes something.
   */
  saved(values: Partial<State<S>>): void;
  /** Tells the person something that is no error: Terraform shows it as a warning, whether the action goes well or not. */
  warn(warning: Warning): void;
  /** Waits, bounded and abortable; see poll. */
  poll<T>(what: string, look: () => Promise<Look<T>>, times: PollTimes): Promise<T>;
}

/** The same, of what is only planned. */
type PlanningContext<S extends Schema, Client> = Omit<Context<S, Client>, "saved" | "warn">;

/** What plans may depend on beside values: the client's `settings`, where it has such. Nothing of it asks anybody. */
export type SettingsOf<Client> = Client extends { readonly settings: infer Settings } ? Settings : undefined;

interface PlanContext<S extends Schema, Client> {
  /** Null: it is to be created. */
  readonly prior: State<S> | null;
  readonly settings: SettingsOf<Client>;
}

/** What a read or an import found; null = unset, whatever the attribute's mode. */
type Found<S extends Schema> = { readonly [K in keyof State<S>]?: State<S>[K] | null };

/** The state as it was stored, before it is decoded: what an upgrade or a move works on. */
export type RawState = Record<string, unknown>;

/** One other kind of resource whose objects can go on as this kind. */
interface MoveSource<S extends Schema> {
  readonly typeName: string;
  /** Namespace and name, like "hashicorp/null", from whatever registry. */
  readonly provider: string;
  /** The versions of its schema that `move` knows. */
  readonly schemaVersions: readonly number[];
  /** This kind's first attributes; `read` follows. Changes nothing that exists. Throws where the state has too little. */
  move(state: RawState): Found<S>;
}

/**
 * One kind of Terraform resource. The core merges what the actions return with the user's values, so an action can't
 * change them by mistake. Actions throw DiagnosticError for what the person should read.
 */
export interface Resource<S extends Schema, Client> {
  readonly schema: S;
  /** Rules that span attributes. Each value may be unknown. All problems at once. */
  validate?(config: Config<S>): readonly Diagnostic[];
  /**
   * The computed values that can be foreseen, from the user's with their defaults. A pure function: it is asked for every
   * plan, and what differs from the prior value is a change. What it leaves out goes by the schema. Throws DiagnosticError.
   */
  plan?(given: Config<S>, context: PlanContext<S, Client>): Foreseen<S>;
  /** Makes it; computed attributes of `plan` are null. */
  create(plan: State<S>, context: Context<S, Client>): Promise<Computed<S>>;
  /** What is there now, merged over `state`; null when it is gone. */
  read(state: State<S>, context: Context<S, Client>): Promise<Found<S> | null>;
  update(plan: State<S>, prior: State<S>, context: Context<S, Client>): Promise<Computed<S>>;
  /** Runs again after a failure, and on what a cut-short create left behind; succeeds when there is nothing. */
  delete(state: State<S>, context: Context<S, Client>): Promise<void>;
  /** What a plan of its destruction already says; an error ends the plan. Changes nothing. */
  planDelete?(state: State<S>, context: PlanningContext<S, Client>): Promise<readonly Diagnostic[]>;
  /**
   * Warnings that a plan of its creation already gives. Not asked of a replacement, but for that of a tainted object: Terraform
   * plans it like any other. A plan that only creates must work without AWS: ask only about what must be there already.
   * What it throws is left for the apply to find. Changes nothing.
   */
  planCreate?(given: Config<S>, context: PlanningContext<S, Client>): Promise<readonly Diagnostic[]>;
  /** The first attributes from an import id; `read` follows. Throws on a malformed id. */
  import?(id: string, privateState: PrivateState): Found<S>;
  /** `upgrade[n]` turns a state of version n into one of n + 1. */
  readonly upgrade?: Readonly<Record<number, (state: RawState) => RawState>>;
  /** Whose states it takes over where a configuration has a `moved` block from another type or provider. */
  readonly moveFrom?: readonly MoveSource<S>[];
}

export type AnyResource<Client> = Resource<Schema, Client>;

/** `resourceFor<Client>()({ schema, create, ... })`: names the client's type, infers the rest from the schema. */
export const resourceFor =
  <Client>() =>
  <S extends Schema>(resource: Resource<S, Client>): Resource<S, Client> =>
    resource;
