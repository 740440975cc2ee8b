import { type Diagnostic, errorDiagnostic, type PathStep } from "./diagnostic.js";
import { renderPath } from "./path.js";
import { withDefaults } from "./plan.js";
import { sizeOfSet } from "./same-value.js";
import { allAttributes } from "./schema.js";
import { REDACTED, redacted, redactedDiagnostics, redactorOf } from "./secrets.js";
import type { Attributes, Check, Config, Schema, TypeShape } from "./types.js";
import { isObjectValue, isWhollyKnown, type ObjectValue, UNKNOWN, type Value } from "./value.js";

/** What can be checked while planning: a resource, a data source, an ephemeral resource. */
export interface Checkable {
  readonly schema: Schema;
  validate?(config: Config<Schema>): readonly Diagnostic[];
}

/** Every problem at once: the schema's own checks, then the rules across attributes, if their values are there. */
export function validateConfig(kind: Checkable, config: ObjectValue): readonly Diagnostic[] {
  const { problems: own, isWhole } = check(kind.schema, config);
  if (!isWhole) return own;
  const spanning = kind.validate?.(config as Config<Schema>) ?? [];
  return [...own, ...redactedProblems(kind.schema, config, spanning)];
}

/** Checks and rules may quote the values that they got. */
const redactedProblems = (
  schema: Schema,
  config: ObjectValue,
  diagnostics: readonly Diagnostic[],
): readonly Diagnostic[] =>
  diagnostics.length === 0 ? diagnostics : redactedDiagnostics(diagnostics, redactorOf(schema, config));

/** Every problem that the schema's own checks find, each with its path. Unknown values pass. */
export const checkConfig = (schema: Schema, config: ObjectValue): readonly Diagnostic[] =>
  check(schema, config).problems;

function check(
  schema: Schema,
  config: ObjectValue,
): { readonly problems: readonly Diagnostic[]; readonly isWhole: boolean } {
  const problems: Diagnostic[] = [];
  let isWhole = true;
  for (const given of valuesIn(allAttributes(schema), config, { path: [], isHidden: false })) {
    problems.push(...problemsOf(given));
    isWhole &&= !isMissing(given);
  }
  return { problems: redactedProblems(schema, config, problems), isWhole };
}

interface Where {
  readonly path: readonly PathStep[];
  /** Sensitive, or inside something sensitive: its value is never shown. */
  readonly isHidden: boolean;
}

/** One value of a configuration, at whatever depth, with what the schema says of it. */
interface ConfigValue extends Where {
  readonly type: TypeShape;
  readonly value: Value;
  readonly mayBeNull: boolean;
  readonly checks: readonly Check<unknown>[];
}

function* valuesIn(
  attributes: Attributes,
  value: ObjectValue,
  { path, isHidden }: Where,
): Iterable<ConfigValue> {
  for (const [name, { type, mode, checks, sensitive = false }] of Object.entries(attributes)) {
    yield* valuesFrom({
      type,
      value: value[name] ?? null,
      path: [...path, name],
      mayBeNull: mode !== "required",
      checks,
      isHidden: isHidden || sensitive,
    });
  }
}

/** The value itself and all inside of it. Terraform lets null be an element; the types that authors see mostly don't. */
function* valuesFrom(given: ConfigValue): Iterable<ConfigValue> {
  yield given;
  const { type, value, path, isHidden } = given;
  if (type.kind === "object" && isObjectValue(value)) yield* valuesIn(type.attributes, value, given);
  if (type.kind !== "list" && type.kind !== "set" && type.kind !== "map") return;
  const { element } = type;
  for (const [step, inner] of elementsOf(type.kind, value)) {
    const mayBeNull = element.nullable ?? false;
    yield* valuesFrom({
      type: element,
      value: inner,
      path: [...path, step],
      isHidden,
      mayBeNull,
      checks: [],
    });
  }
}

function* elementsOf(kind: "list" | "set" | "map", value: Value): Iterable<readonly [PathStep, Value]> {
  if (Array.isArray(value)) {
    for (const [index, inner] of value.entries()) yield [kind === "list" ? index : { someOf: "set" }, inner];
  } else if (isObjectValue(value)) {
    for (const [key, inner] of Object.entries(value)) yield [{ key }, inner];
  }
}

/** Terraform finds omitted values, but not nulls, for example from a variable. */
const isMissing = ({ value, mayBeNull }: ConfigValue): boolean => value === null && !mayBeNull;

function problemsOf(given: ConfigValue): readonly Diagnostic[] {
  const { type, value, path, checks } = given;
  if (isMissing(given)) {
    const where = renderPath(path);
    return [errorDiagnostic("value-missing", `Missing ${where}`, `${where} must not be null.`, path)];
  }
  if (value === null || value === UNKNOWN) return [];
  const isFraction = type.kind === "integer" && !Number.isInteger(value);
  const problems = [
    ...checks.map((check) => check(value)),
    isFraction ? "must be a whole number" : null,
    type.kind === "set" && Array.isArray(value) ? sameByDefault(type.element, value) : null,
  ];
  return problems
    .filter((problem) => problem !== null)
    .map((problem) => invalidValue(path, renderGiven(given), problem));
}

/** A set can't contain the same value twice: the plan would have fewer elements, which Terraform reports as a provider bug. */
function sameByDefault(element: TypeShape, values: readonly Value[]): string | null {
  if (element.kind !== "object") return null;
  const given = values.filter(isWhollyKnown);
  const planned = given.map((value) => withDefaults(element, value));
  return sizeOfSet(element, planned) === sizeOfSet(element, given)
    ? null
    : "has elements that differ only in what is left out, and its default is the same: give each once";
}

/** The diagnostic of an invalid value: `shown` is the part of it that may be shown, `problem` completes "it ...". */
export function invalidValue(path: readonly PathStep[], shown: string, problem: string): Diagnostic {
  const where = renderPath(path);
  return errorDiagnostic("value-invalid", `Invalid ${where}`, `${where} is ${shown}: it ${problem}.`, path);
}

const LONGEST_SHOWN = 200;

function renderGiven({ type, value, isHidden }: ConfigValue): string {
  if (isHidden) return REDACTED;
  const text = JSON.stringify(redacted(type, value), (_key, inner: unknown) =>
    inner === UNKNOWN ? "(not known yet)" : inner,
  );
  return text.length <= LONGEST_SHOWN
    ? text
    : `${text.slice(0, LONGEST_SHOWN)}... (${text.length} characters)`;
}
