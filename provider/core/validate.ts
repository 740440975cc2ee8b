import { type Diagnostic, errorDiagnostic, type PathStep } from "./diagnostic.js";
import { renderPath } from "./path.js";
import { allAttributes } from "./schema.js";
import { censoredDiagnostics, censorOf } from "./secrets.js";
import type { Attributes, Check, Config, Schema, TypeShape } from "./types.js";
import { isObjectValue, type ObjectValue, UNKNOWN, type Value } from "./value.js";

/** What can be checked while planning: a resource, a data source, an ephemeral resource. */
export interface Checkable {
  readonly schema: Schema;
  validate?(config: Config<Schema>): readonly Diagnostic[];
}

/** Every problem at once: the schema's own checks, then the rules that span attributes, if they have all they need. */
export function validateConfig(kind: Checkable, config: ObjectValue): readonly Diagnostic[] {
  const places = placesIn(allAttributes(kind.schema), config, { path: [], isHidden: false });
  const own = places.flatMap(problemsOf);
  if (places.some(isMissing)) return own;
  const spanning = kind.validate?.(config as Config<Schema>) ?? [];
  return [...own, ...censoredDiagnostics(spanning, censorOf(kind.schema, config))];
}

/** Every problem that the schema's own checks find, each with its path. Unknown values pass. */
export const checkConfig = (schema: Schema, config: ObjectValue): readonly Diagnostic[] =>
  placesIn(allAttributes(schema), config, { path: [], isHidden: false }).flatMap(problemsOf);

interface Where {
  readonly path: readonly PathStep[];
  /** Sensitive, or inside of what is: its value is told to nobody. */
  readonly isHidden: boolean;
}

/** One value of a configuration, at whatever depth, with what the schema says of it. */
interface Place extends Where {
  readonly type: TypeShape;
  readonly value: Value;
  readonly mayBeNull: boolean;
  readonly checks: readonly Check<unknown>[];
}

function placesIn(attributes: Attributes, value: ObjectValue, { path, isHidden }: Where): readonly Place[] {
  return Object.entries(attributes).flatMap(([name, { type, mode, checks, sensitive = false }]) =>
    placesFrom({
      type,
      value: value[name] ?? null,
      path: [...path, name],
      mayBeNull: mode !== "required",
      checks,
      isHidden: isHidden || sensitive,
    }),
  );
}

/** The place itself and all inside of it. Terraform lets null be an element; the types that authors see mostly don't. */
function placesFrom(place: Place): readonly Place[] {
  const { type, value, path, isHidden } = place;
  const element = (inner: Value, step: PathStep, shape: TypeShape): readonly Place[] =>
    placesFrom({
      type: shape,
      value: inner,
      path: [...path, step],
      isHidden,
      mayBeNull: shape.nullable ?? false,
      checks: [],
    });
  if (type.kind === "object" && isObjectValue(value)) {
    return [place, ...placesIn(type.attributes, value, place)];
  }
  if ((type.kind === "list" || type.kind === "set") && Array.isArray(value)) {
    const step = (index: number): PathStep => (type.kind === "list" ? index : { someOf: "set" });
    return [place, ...value.flatMap((inner: Value, index) => element(inner, step(index), type.element))];
  }
  if (type.kind === "map" && isObjectValue(value)) {
    return [place, ...Object.entries(value).flatMap(([key, inner]) => element(inner, { key }, type.element))];
  }
  return [place];
}

/** Terraform finds what is left out, but not what is given as null, by a variable say. */
const isMissing = ({ value, mayBeNull }: Place): boolean => value === null && !mayBeNull;

function problemsOf(place: Place): readonly Diagnostic[] {
  const { type, value, path, checks } = place;
  const where = renderPath(path);
  if (isMissing(place)) return [errorDiagnostic(`Missing ${where}`, `${where} must not be null.`, path)];
  if (value === null || value === UNKNOWN) return [];
  const isFraction = type.kind === "integer" && !Number.isInteger(value);
  const problems = [...checks.map((check) => check(value)), isFraction ? "must be a whole number" : null];
  return problems
    .filter((problem) => problem !== null)
    .map((problem) => invalidValue(path, renderValue(place), problem));
}

/** How an invalid value is told: `shown` is as much of it as may be seen, `problem` completes "it ...". */
export function invalidValue(path: readonly PathStep[], shown: string, problem: string): Diagnostic {
  const where = renderPath(path);
  return errorDiagnostic(`Invalid ${where}`, `${where} is ${shown}: it ${problem}.`, path);
}

const LONGEST_SHOWN = 200;

function renderValue({ value, isHidden }: Place): string {
  if (isHidden) return "(a sensitive value)";
  const text = JSON.stringify(value, (_key, inner: unknown) =>
    inner === UNKNOWN ? "(not known yet)" : inner,
  );
  return text.length <= LONGEST_SHOWN
    ? text
    : `${text.slice(0, LONGEST_SHOWN)}... (${text.length} characters)`;
}
