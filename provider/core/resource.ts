import type { Look } from "../../agent/contract/wait.js";
import type { Diagnostic, Warning } from "./diagnostic.js";
import type { PollTimes } from "./poll.js";
import type { PrivateState } from "./private-state.js";
import type { Runtime } from "./runtime.js";
import type { Computed, Config, Foreseen, Schema, State } from "./types.js";

/** What an action gets besides its values. */
export interface Context<S extends Schema, Client> extends Runtime {
  readonly client: Client;
  readonly privateState: PrivateState;
  /**
   * Saves values that must not be lost: they are then in the state, even after a failure. Call it with the id before the first
   * call that creates something.
   */
  saved(values: Partial<State<S>>): void;
  /** Shows a warning: Terraform prints it whether the action succeeds or not. */
  warn(warning: Warning): void;
  /** Waits, bounded and abortable; see poll. */
  poll<T>(what: string, look: () => Promise<Look<T>>, times: PollTimes): Promise<T>;
}

/** The same, for planning. */
type PlanningContext<S extends Schema, Client> = Omit<Context<S, Client>, "saved" | "warn">;

/** What plans may depend on besides values: the client's `settings`, if it has any. It makes no calls. */
export type SettingsOf<Client> = Client extends { readonly settings: infer Settings } ? Settings : undefined;

interface PlanContext<S extends Schema, Client> {
  /** Null: it is to be created. */
  readonly prior: State<S> | null;
  readonly settings: SettingsOf<Client>;
}

/** What a read or an import found; null = unset, for every mode of attribute. */
type Found<S extends Schema> = { readonly [K in keyof State<S>]?: State<S>[K] | null };

/** The stored state before decoding: the input of an upgrade or a move. */
export type RawState = Record<string, unknown>;

/** Another kind of resource whose objects can become this kind. */
interface MoveSource<S extends Schema> {
  readonly typeName: string;
  /** Namespace and name, like "hashicorp/null", from any registry. */
  readonly provider: string;
  /** The versions of its schema that `move` knows. */
  readonly schemaVersions: readonly number[];
  /** This kind's first attributes; `read` follows. Changes nothing that exists. Throws if the state has too little data. */
  move(state: RawState): Found<S>;
}

/**
 * One kind of Terraform resource. The core merges what the actions return with the user's values, so an action can't
 * change them by mistake. Actions throw DiagnosticError with a text for a person.
 */
export interface Resource<S extends Schema, Client> {
  readonly schema: S;
  /** Rules across attributes. Each value may be unknown. Returns all problems at once. */
  validate?(config: Config<S>): readonly Diagnostic[];
  /**
   * The computed values that can be foreseen from the user's values with their defaults. A pure function, called for every plan; a
   * value that differs from the prior one is a change. The schema decides about values that it leaves out. Throws DiagnosticError.
   */
  plan?(given: Config<S>, context: PlanContext<S, Client>): Foreseen<S>;
  /** Creates it; computed attributes of `plan` are null. */
  create(plan: State<S>, context: Context<S, Client>): Promise<Computed<S>>;
  /** The current values, merged over `state`; null if it is gone. */
  read(state: State<S>, context: Context<S, Client>): Promise<Found<S> | null>;
  update(plan: State<S>, prior: State<S>, context: Context<S, Client>): Promise<Computed<S>>;
  /** Runs again after a failure, and on what an interrupted create left behind; succeeds if there is nothing. */
  delete(state: State<S>, context: Context<S, Client>): Promise<void>;
  /** Diagnostics for a plan of its destruction; an error ends the plan. Changes nothing. */
  planDelete?(state: State<S>, context: PlanningContext<S, Client>): Promise<readonly Diagnostic[]>;
  /**
   * Warnings for a plan of its creation. Not called for a replacement, except of a tainted object, which Terraform plans like a
   * create. A plan that only creates must work without AWS, so read only what must already exist. Its errors are ignored: the
   * apply will find them. Changes nothing.
   */
  planCreate?(given: Config<S>, context: PlanningContext<S, Client>): Promise<readonly Diagnostic[]>;
  /** The first attributes from an import id; `read` follows. Throws on a malformed id. */
  import?(id: string, privateState: PrivateState): Found<S>;
  /** `upgrade[n]` turns a state of version n into one of n + 1. */
  readonly upgrade?: Readonly<Record<number, (state: RawState) => RawState>>;
  /** The kinds whose states it takes over, if a configuration has a `moved` block from another type or provider. */
  readonly moveFrom?: readonly MoveSource<S>[];
}

export type AnyResource<Client> = Resource<Schema, Client>;

/** `resourceFor<Client>()({ schema, create, ... })`: names the client's type, infers the rest from the schema. */
export const resourceFor =
  <Client>() =>
  <S extends Schema>(resource: Resource<S, Client>): Resource<S, Client> =>
    resource;
