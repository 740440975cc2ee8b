import { DiagnosticError, diagnosticsOf, type PathStep } from "./diagnostic.js";
import type { AnyResource, SettingsOf } from "./resource.js";
import { isSameValue } from "./same-value.js";
import { allAttributes, isProviders } from "./schema.js";
import { censoredDiagnostics, censorOf } from "./secrets.js";
import type { Attribute, Attributes, Config, Schema, State, TypeShape } from "./types.js";
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
 * with something that changed, unless they are foreseen; nothing changed = the prior state, so that a second plan is empty.
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
    isProviders(attribute, given[name] ?? null) &&
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
 * The plan of one resource, with what it foresees itself. `settings` is null where none are known. Throws DiagnosticError
 * for whatever the resource throws.
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
      const censor = censorOf(schema, wanted, change.prior ?? {});
      throw new DiagnosticError(censoredDiagnostics(diagnosticsOf(error, `plan ${typeName}`), censor));
    }
  });
}

/**
 * `proposed` with the schema's defaults wherever `config`, what the user wrote, has nothing. Inside of objects there is
 * only what the user wrote: an old element of a set must not lend its defaults to a new one.
 */
export function objectWithDefaults(
  attributes: Attributes,
  proposed: ObjectValue,
  config: ObjectValue,
): ObjectValue {
  const entries = Object.entries(attributes).map(([name, attribute]): [string, Value] => {
    const given = config[name] ?? null;
    // What is never stored can't be planned either.
    if (attribute.mode === "writeOnly") return [name, null];
    if (isProviders(attribute, given)) return [name, proposed[name] ?? null];
    if (attribute.mode === "defaulted" && given === null) return [name, defaultOf(attribute)];
    return [name, withDefaults(attribute.type, given)];
  });
  return Object.fromEntries(entries);
}

const defaultOf = ({ defaultValue }: Attribute): Value => (defaultValue ?? null) as Value;

/** A value that the user wrote, with the defaults of the objects inside of it. */
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
