import type { Attribute, Attributes, Check, Mode, ObjectOf, Type, TypeShape, ValueOfType } from "./types.js";

/** The functions that schemas are written with: `required(string, { description, checks: [...] })`. */
export const string: Type<string> = { kind: "string" };
export const number: Type<number> = { kind: "number" };
/** Terraform's number, refused unless it is whole. */
export const integer: Type<number> = { kind: "integer" };
export const bool: Type<boolean> = { kind: "bool" };
export const list = <T>(element: Type<T>): Type<readonly T[]> => ({ kind: "list", element });
export const set = <T>(element: Type<T>): Type<readonly T[]> => ({ kind: "set", element });
export const map = <T>(element: Type<T>): Type<Readonly<Record<string, T>>> => ({ kind: "map", element });
/** For elements that may be null, which is otherwise refused: `map(nullable(string))`. */
export const nullable = <T>(type: Type<T>): Type<T | null> => ({ ...type, nullable: true });
/** Nested attributes, for the user's values; the provider computes only whole attributes. */
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

// A check gets only values of its own attribute, so its parameter's type can be erased here.
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

/** Optional for the user; the plan shows `defaultValue` if nothing is given. */
export const withDefault = <X extends TypeShape>(
  type: X,
  defaultValue: ValueOfType<X>,
  options: InputOptions<ValueOfType<X>>,
): Attribute<ValueOfType<X>, "defaulted"> => ({ ...input(type, "defaulted", options), defaultValue });

/**
 * Given by the user and never stored: an action sees it in `plan`, and it is null in every state. It changes nothing by itself, so
 * add a partner, an ordinary attribute like `password_version`; a change of that means that the value must be used again.
 */
export const writeOnly = <X extends TypeShape>(
  type: X,
  options: InputOptions<ValueOfType<X>>,
): Attribute<ValueOfType<X>, "writeOnly"> => input(type, "writeOnly", { ...options, sensitive: true });

/** The user's value, else the provider's. `changesWith` applies as for computed attributes if the user gives no value. */
export const filled = <X extends TypeShape>(
  type: X,
  { changesWith, ...options }: InputOptions<ValueOfType<X>> & { readonly changesWith?: readonly string[] },
): Attribute<ValueOfType<X>, "filled"> => ({
  ...input(type, "filled", options),
  ...(changesWith === undefined ? {} : { changesWith }),
});

/**
 * `changesWith: []` = decided at creation, never changes; without it, any change makes it unknown until applied. `live` = it changes
 * by itself, like a status: reads set it, updates keep it. `replaces`: if `plan` foresees another value, the resource is replaced.
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

/** Whether the provider supplies the value, if the user gave `given`. */
export const isProviderSupplied = ({ mode }: Attribute, given: unknown): boolean =>
  mode === "computed" || (mode === "filled" && given === null);

/** Every attribute of a schema, with its blocks as optional attributes: most of the core treats them alike. */
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
