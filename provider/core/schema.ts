import type { Attribute, Attributes, Check, Mode, ObjectOf, Type, TypeShape, ValueOfType } from "./types.js";

/** The words that schemas are written in: `required(string, { description, checks: [...] })`. */
export const string: Type<string> = { kind: "string" };
export const number: Type<number> = { kind: "number" };
/** Terraform's number, refused unless it is whole. */
export const integer: Type<number> = { kind: "integer" };
export const bool: Type<boolean> = { kind: "bool" };
export const list = <T>(element: Type<T>): Type<readonly T[]> => ({ kind: "list", element });
export const set = <T>(element: Type<T>): Type<readonly T[]> => ({ kind: "set", element });
export const map = <T>(element: Type<T>): Type<Readonly<Record<string, T>>> => ({ kind: "map", element });
/** For elements: they may be null, which is refused otherwise. `map(nullable(string))`. */
export const nullable = <T>(type: Type<T>): Type<T | null> => ({ ...type, nullable: true });
/** Nested attributes. They hold what the user gives; the provider tells and takes whole attributes only. */
export const object = <
  A extends Readonly<Record<string, Attribute<unknown, "required" | "optional" | "defaulted">>>,
>(
  attributes: A,
): TypeShape & { readonly kind: "object" } & Type<ObjectOf<A>> => ({ kind: "object", attributes });

interface InputOptions<T> {
  readonly description: string;
  readonly sensitive?: boolean;
  readonly replaces?: boolean;
  readonly checks?: readonly Check<T>[];
}

// A check sees values of its own attribute only, so its parameter's type may be forgotten here.
const erased = <T>(checks: readonly Check<T>[] | undefined): readonly Check<unknown>[] =>
  (checks ?? []) as readonly Check<unknown>[];

export const required = <X extends TypeShape>(
  type: X,
  options: InputOptions<ValueOfType<X>>,
): Attribute<ValueOfType<X>, "required"> => input(type, "required", options);

export const optional = <X extends TypeShape>(
  type: X,
  options: InputOptions<ValueOfType<X>>,
): Attribute<ValueOfType<X>, "optional"> => input(type, "optional", options);

/** Optional for the user; the plan shows `defaultValue` where nothing is given. */
export const withDefault = <X extends TypeShape>(
  type: X,
  defaultValue: ValueOfType<X>,
  options: InputOptions<ValueOfType<X>>,
): Attribute<ValueOfType<X>, "defaulted"> => ({ ...input(type, "defaulted", options), defaultValue });

/**
 * The user's and never stored: an action sees it in `plan`, and it is null in every state. It changes nothing by itself, so
 * give it a partner, an ordinary attribute like `password_version`, whose change tells that it is to be used again.
 */
export const writeOnly = <X extends TypeShape>(
  type: X,
  options: InputOptions<ValueOfType<X>>,
): Attribute<ValueOfType<X>, "writeOnly"> => input(type, "writeOnly", { ...options, sensitive: true });

/** The user's, else what the provider finds. `changesWith` as for computed ones, where the user gives none. */
export const filled = <X extends TypeShape>(
  type: X,
  { changesWith, ...options }: InputOptions<ValueOfType<X>> & { readonly changesWith?: readonly string[] },
): Attribute<ValueOfType<X>, "filled"> => ({
  ...input(type, "filled", options),
  ...(changesWith === undefined ? {} : { changesWith }),
});

/**
 * `changesWith: []` = decided at creation for good; without it any change makes it unknown until applied. `live` = what
 * the real thing reports by itself, like a status: reads tell it, updates don't touch it. `replaces`: where `plan` foresees another
 * value, the resource is replaced.
 */
export const computed = <X extends TypeShape>(
  type: X,
  options: {
    readonly description: string;
    readonly changesWith?: readonly string[];
    readonly live?: boolean;
    readonly replaces?: boolean;
    readonly sensitive?: boolean;
  },
): Attribute<ValueOfType<X>, "computed"> => ({
  type: type as Type<ValueOfType<X>>,
  mode: "computed",
  replaces: false,
  checks: [],
  ...options,
});

function input<X extends TypeShape, M extends Mode>(
  type: X,
  mode: M,
  options: InputOptions<ValueOfType<X>>,
): Attribute<ValueOfType<X>, M> {
  return {
    type: type as Type<ValueOfType<X>>,
    mode,
    description: options.description,
    replaces: options.replaces ?? false,
    checks: erased(options.checks),
    ...(options.sensitive === undefined ? {} : { sensitive: options.sensitive }),
  };
}

/** Whether the value is the provider's to tell, where the user gave `given`. */
export const isProviders = ({ mode }: Attribute, given: unknown): boolean =>
  mode === "computed" || (mode === "filled" && given === null);

/** Every attribute of a schema, its blocks as optional attributes: most of the core need not tell them apart. */
export function allAttributes(schema: {
  readonly attributes: Attributes;
  readonly blocks?: Readonly<Record<string, TypeShape>>;
}): Attributes {
  const blocks = Object.entries(schema.blocks ?? {}).map(([name, type]): [string, Attribute] => [
    name,
    { type, mode: "optional", description: "", replaces: false, checks: [] },
  ]);
  return { ...schema.attributes, ...Object.fromEntries(blocks) };
}
