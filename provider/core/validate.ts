import { type Diagnostic, errorDiagnostic, type PathStep } from "./diagnostic.js";
import { renderPath } from "./path.js";
import { allAttributes } from "./schema.js";
import type { Attributes, Config, Schema, TypeShape } from "./types.js";
import { isObjectValue, type ObjectValue, UNKNOWN, type Value } from "./value.js";

/** What can be checked while planning: a resource, a data source, an ephemeral resource. */
export interface Checkable {
  readonly schema: Schema;
  validate?(config: Config<Schema>): readonly Diagnostic[];
}

/** Every problem at once: the schema's own checks, then the rules that span attributes. */
export function validateConfig(kind: Checkable, config: ObjectValue): readonly Diagnostic[] {
  const spanning = kind.validate?.(config as Config<Schema>) ?? [];
  return [...checkConfig(kind.schema, config), ...spanning];
}

/** Every problem that the schema's own checks find, each with its path. Null and unknown values pass. */
export function checkConfig(schema: Schema, config: ObjectValue): readonly Diagnostic[] {
  return checkObject(allAttributes(schema), config, []);
}

function checkObject(
  attributes: Attributes,
  value: ObjectValue,
  path: readonly PathStep[],
): readonly Diagnostic[] {
  return Object.entries(attributes).flatMap(([name, { type, checks }]) => {
    const inner = value[name] ?? null;
    if (inner === null || inner === UNKNOWN) return [];
    const here = [...path, name];
    const problems = checks.map((check) => check(inner)).filter((problem) => problem !== null);
    return [...problems.map((problem) => invalid(here, inner, problem)), ...checkType(type, inner, here)];
  });
}

function checkType(type: TypeShape, value: Value, path: readonly PathStep[]): readonly Diagnostic[] {
  if (value === null || value === UNKNOWN) return [];
  if (type.kind === "integer" && !Number.isInteger(value)) {
    return [invalid(path, value, "must be a whole number")];
  }
  if (type.kind === "object" && isObjectValue(value)) return checkObject(type.attributes, value, path);
  if ((type.kind === "list" || type.kind === "set") && Array.isArray(value)) {
    const { element } = type;
    const step = (index: number): PathStep => (type.kind === "list" ? index : { someOf: "set" });
    return value.flatMap((inner: Value, index) => checkType(element, inner, [...path, step(index)]));
  }
  if (type.kind === "map" && isObjectValue(value)) {
    const { element } = type;
    return Object.entries(value).flatMap(([key, inner]) => checkType(element, inner, [...path, { key }]));
  }
  return [];
}

function invalid(path: readonly PathStep[], value: Value, problem: string): Diagnostic {
  const where = renderPath(path);
  return errorDiagnostic(`Invalid ${where}`, `${where} is ${renderValue(value)}: it ${problem}.`, path);
}

const renderValue = (value: Value): string =>
  JSON.stringify(value, (_key, inner: unknown) => (inner === UNKNOWN ? "(not known yet)" : inner));
