import { DiagnosticError, diagnosticsOf, type PathStep } from "./diagnostic.js";
import type { AnyResource, SettingsOf } from "./resource.js";
import { isSameValue } from "./same-value.js";
import { allAttributes, isProviderSupplied } from "./schema.js";
import { redactedDiagnostics, redactorOf } from "./secrets.js";
import type { Attribute, Attributes, Config, Schema, State, TypeShape } from "./types.js";
import { isObjectValue, type ObjectValue, UNKNOWN, type Value } from "./value.js";

export interface Change {
  /** Null: it will be created. */
  readonly prior: ObjectValue | null;
  /** Terraform's proposal: the configuration merged with the prior computed values. Null: it will be destroyed. */
  readonly proposed: ObjectValue | null;
  readonly config: ObjectValue | null;
}

export interface Plan {
  readonly planned: ObjectValue | null;
  /** The attributes whose change replaces the resource. */
  readonly requiresReplace: readonly (readonly PathStep[])[];
}

/**
 * The result of an apply. Defaults are filled in. Computed values are unknown on create, and on an update if they depend on
 * something that changed, unless the resource foresees them. If nothing changed, it is the prior state, so a second plan is empty.
 */
export function planChange(
  schema: Schema,
  change: Change,
  foresee: (wanted: ObjectValue) => ObjectValue = () => ({}),
): Plan {
  const { prior, proposed, config } = change;
  if (proposed === null) return { planned: null, requiresReplace: [] };
  const attributes = allAttributes(schema);
  const given = config ?? {};
  const proposal = objectWithDefaults(attributes, proposed, given);
  const foreseen = foresee(proposal);
  const wanted = { ...proposal, ...foreseen };
  const changed = prior === null ? [] : changedNames(attributes, wanted, prior);
  if (prior !== null && changed.length === 0) return { planned: prior, requiresReplace: [] };
  const isUnknown = (name: string, attribute: Attribute): boolean =>
    isProviderSupplied(attribute, given[name] ?? null) &&
    !Object.hasOwn(foreseen, name) &&
    (prior === null || becomesUnknown(attribute, prior[name], changed));
  const planned = Object.entries(attributes).map(([name, attribute]): [string, Value] => [
    name,
    isUnknown(name, attribute) ? UNKNOWN : (wanted[name] ?? null),
  ]);
  return {
    planned: Object.fromEntries(planned),
    requiresReplace: changed.filter((name) => attributes[name]?.replaces).map((name) => [name]),
  };
}

function changedNames(attributes: Attributes, wanted: ObjectValue, prior: ObjectValue): readonly string[] {
  return Object.entries(attributes)
    .filter(([name, { type }]) => !isSameValue(type, wanted[name] ?? null, prior[name] ?? null))
    .map(([name]) => name);
}

function becomesUnknown(
  { changesWith, live }: Attribute,
  prior: Value | undefined,
  changed: readonly string[],
): boolean {
  if (live) return false;
  if (prior === null || prior === undefined || changesWith === undefined) return true;
  return changesWith.some((name) => changed.includes(name));
}

/**
 * The plan of one resource, with the values that it foresees. `settings` is null if they are unknown. Throws DiagnosticError for
 * every error of the resource.
 */
export function planResource<Client>(
  typeName: string,
  { schema, plan }: AnyResource<Client>,
  change: Change,
  settings: SettingsOf<Client> | null,
): Plan {
  if (plan === undefined || settings === null) return planChange(schema, change);
  const prior = change.prior as State<Schema> | null;
  return planChange(schema, change, (wanted) => {
    try {
      return plan(wanted as Config<Schema>, { prior, settings }) as ObjectValue;
    } catch (error) {
      const redact = redactorOf(schema, wanted, change.prior ?? {});
      throw new DiagnosticError(redactedDiagnostics(diagnosticsOf(error, `plan ${typeName}`), redact));
    }
  });
}

/**
 * `proposed` with the schema's defaults wherever `config`, the user's configuration, has nothing. Inside objects, only the
 * user's values count: a new element of a set must not get the values of an old one.
 */
export function objectWithDefaults(
  attributes: Attributes,
  proposed: ObjectValue,
  config: ObjectValue,
): ObjectValue {
  const entries = Object.entries(attributes).map(([name, attribute]): [string, Value] => {
    const given = config[name] ?? null;
    // A value that is never stored can't be planned either.
    if (attribute.mode === "writeOnly") return [name, null];
    if (isProviderSupplied(attribute, given)) return [name, proposed[name] ?? null];
    if (attribute.mode === "defaulted" && given === null) return [name, defaultOf(attribute)];
    return [name, withDefaults(attribute.type, given)];
  });
  return Object.fromEntries(entries);
}

const defaultOf = ({ defaultValue }: Attribute): Value => (defaultValue ?? null) as Value;

/** The user's value, with the defaults of the objects inside it. */
export function withDefaults(type: TypeShape, given: Value): Value {
  if (type.kind === "object" && isObjectValue(given)) {
    return objectWithDefaults(type.attributes, given, given);
  }
  if ((type.kind === "list" || type.kind === "set") && Array.isArray(given)) {
    return given.map((element: Value) => withDefaults(type.element, element));
  }
  if (type.kind === "map" && isObjectValue(given)) {
    const entries = Object.entries(given).map(([key, element]) => [key, withDefaults(type.element, element)]);
    return Object.fromEntries(entries);
  }
  return given;
}
