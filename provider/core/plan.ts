import { isDeepStrictEqual } from "node:util";
import type { PathStep } from "./diagnostic.js";
import { allAttributes, isProviders } from "./schema.js";
import type { Attribute, Attributes, Schema, TypeShape } from "./types.js";
import { isObjectValue, type ObjectValue, UNKNOWN, type Value } from "./value.js";

export interface Change {
  /** Null: it is to be created. */
  readonly prior: ObjectValue | null;
  /** Terraform's proposal: the configuration over the prior computed values. Null: it is to be destroyed. */
  readonly proposed: ObjectValue | null;
  readonly config: ObjectValue | null;
}

export interface Plan {
  readonly planned: ObjectValue | null;
  /** The attributes whose change replaces the resource. */
  readonly requiresReplace: readonly (readonly PathStep[])[];
}

/**
 * What apply will lead to. Defaults are filled in; computed values are unknown on create, and on update where they change
 * with something that changed; nothing changed = the prior state, so that a second plan is empty.
 */
export function planChange(schema: Schema, { prior, proposed, config }: Change): Plan {
  if (proposed === null) return { planned: null, requiresReplace: [] };
  const attributes = allAttributes(schema);
  const wanted = objectWithDefaults(attributes, proposed, config ?? {});
  const given = config ?? {};
  if (prior === null) {
    return { planned: withUnknowns(attributes, wanted, given, () => true), requiresReplace: [] };
  }
  const changed = Object.keys(attributes).filter((name) => !isDeepStrictEqual(wanted[name], prior[name]));
  if (changed.length === 0) return { planned: prior, requiresReplace: [] };
  return {
    planned: withUnknowns(attributes, wanted, given, (attribute, name) =>
      becomesUnknown(attribute, prior[name], changed),
    ),
    requiresReplace: changed.filter((name) => attributes[name]?.replaces).map((name) => [name]),
  };
}

function becomesUnknown(
  { changesWith }: Attribute,
  prior: Value | undefined,
  changed: readonly string[],
): boolean {
  if (prior === null || prior === undefined || changesWith === undefined) return true;
  return changesWith.some((name) => changed.includes(name));
}

function withUnknowns(
  attributes: Attributes,
  wanted: ObjectValue,
  config: ObjectValue,
  isUnknown: (attribute: Attribute, name: string) => boolean,
): ObjectValue {
  const entries = Object.entries(attributes).map(([name, attribute]): [string, Value] => [
    name,
    isProviders(attribute, config[name] ?? null) && isUnknown(attribute, name)
      ? UNKNOWN
      : (wanted[name] ?? null),
  ]);
  return Object.fromEntries(entries);
}

/** `proposed` with the schema's defaults wherever `config`, what the user wrote, has nothing. */
export function objectWithDefaults(
  attributes: Attributes,
  proposed: ObjectValue,
  config: ObjectValue,
): ObjectValue {
  const entries = Object.entries(attributes).map(([name, { type, mode, defaultValue }]): [string, Value] => {
    const given = config[name] ?? null;
    if (mode === "defaulted" && given === null) return [name, (defaultValue ?? null) as Value];
    return [name, withDefaults(type, proposed[name] ?? null, given)];
  });
  return Object.fromEntries(entries);
}

/** Defaults inside nested values. A set's elements have no place to compare by; Terraform keeps their order. */
function withDefaults(type: TypeShape, proposed: Value, config: Value): Value {
  if (type.kind === "object" && isObjectValue(proposed)) {
    return objectWithDefaults(type.attributes, proposed, isObjectValue(config) ? config : {});
  }
  if ((type.kind === "list" || type.kind === "set") && Array.isArray(proposed)) {
    const given: readonly Value[] = Array.isArray(config) ? config : [];
    return proposed.map((element: Value, index) => withDefaults(type.element, element, given[index] ?? null));
  }
  if (type.kind === "map" && isObjectValue(proposed)) {
    const given = isObjectValue(config) ? config : {};
    return Object.fromEntries(
      Object.entries(proposed).map(([key, element]) => [
        key,
        withDefaults(type.element, element, given[key] ?? null),
      ]),
    );
  }
  return proposed;
}
