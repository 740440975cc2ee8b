import type { Unknown } from "./value.js";

declare const valueType: unique symbol;

/** Those of Terraform's types that this provider uses. */
export type TypeShape = (
  | { readonly kind: "string" | "number" | "integer" | "bool" }
  | { readonly kind: "list" | "set" | "map"; readonly element: TypeShape }
  | { readonly kind: "object"; readonly attributes: Attributes }
) & {
  /** It may be null as an element. */
  readonly nullable?: true;
};

/** A type whose values are `T` in TypeScript. */
export type Type<T> = TypeShape & { readonly [valueType]?: T };

/**
 * - required, optional: given by the user.
 * - defaulted: given by the user, else the default.
 * - filled: given by the user, else by the provider.
 * - writeOnly: given by the user, optional; actions see it, and it is never stored.
 * - computed: given by the provider.
 */
export type Mode = "required" | "optional" | "defaulted" | "filled" | "writeOnly" | "computed";

/** Says what is wrong with a value ("must be ..."), or null. */
export type Check<T> = (value: T) => string | null;

export interface Attribute<T = unknown, M extends Mode = Mode> {
  readonly type: Type<T>;
  readonly mode: M;
  readonly description: string;
  /** A change replaces the resource. */
  readonly replaces: boolean;
  readonly checks: readonly Check<unknown>[];
  /** Terraform hides it in what it prints. */
  readonly sensitive?: boolean;
  readonly defaultValue?: T;
  /** Computed and filled only: the attributes whose changes make it unknown in an update's plan. Absent: any attribute. */
  readonly changesWith?: readonly string[];
  /** Computed only: it changes by itself, not by an update; an update's plan and result keep the last read value, even null. */
  readonly live?: boolean;
}
export type Attributes = Readonly<Record<string, Attribute>>;

/** The schema of a resource, a data source or the provider. Blocks are optional, at most one of each. */
export interface Schema {
  readonly version: number;
  readonly description: string;
  readonly attributes: Attributes;
  readonly blocks?: Readonly<Record<string, TypeShape & { readonly kind: "object" }>>;
}

export type ValueOfType<X> = X extends { readonly [valueType]?: infer T } ? T : never;

type ValueOf<A> =
  A extends Attribute<infer T, infer M> ? (M extends "required" | "defaulted" ? T : T | null) : never;
export type ObjectOf<A extends Attributes> = { -readonly [K in keyof A]: ValueOf<A[K]> };
type BlocksOf<S extends Schema> =
  S["blocks"] extends Readonly<Record<string, TypeShape>>
    ? { -readonly [K in keyof S["blocks"]]: ValueOfType<S["blocks"][K]> | null }
    : unknown;

/** What Terraform stores. A computed attribute is null if a create was interrupted before it was known. */
export type State<S extends Schema> = ObjectOf<S["attributes"]> & BlocksOf<S>;

type KeysOfMode<A extends Attributes, M extends Mode> = {
  [K in keyof A]: A[K]["mode"] extends M ? K : never;
}[keyof A];

/** What the provider adds to the user's part: every computed attribute, and every one that it fills. */
export type Computed<S extends Schema> = Pick<
  ObjectOf<S["attributes"]>,
  KeysOfMode<S["attributes"], "computed" | "filled">
>;

type MaybeUnknown<T> =
  | Unknown
  | (T extends readonly (infer E)[]
      ? readonly MaybeUnknown<E>[]
      : T extends object
        ? { readonly [K in keyof T]: MaybeUnknown<T[K]> }
        : T);

/** Some of what the provider adds, while planning: a value may be unknown. */
export type Foreseen<S extends Schema> = {
  readonly [K in keyof Computed<S>]?: MaybeUnknown<Computed<S>[K]>;
};

/** The user's configuration while planning: any value may be unknown; omitted values are null. */
export type Config<S extends Schema> = {
  readonly [K in Exclude<keyof State<S>, KeysOfMode<S["attributes"], "computed">>]:
    | MaybeUnknown<State<S>[K]>
    | (K extends KeysOfMode<S["attributes"], "required"> ? never : null);
};
