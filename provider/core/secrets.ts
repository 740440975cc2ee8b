import type { Diagnostic } from "./diagnostic.js";
import type { Log, Runtime } from "./runtime.js";
import { allAttributes } from "./schema.js";
import type { Attributes, Schema, TypeShape } from "./types.js";
import { isObjectValue, type ObjectValue, type Value } from "./value.js";

/** Gives texts back with all secrets that it knows blotted out. */
export type Censor = (text: string) => string;

/** What is shown in a secret's place. */
export const BLOT = "(a sensitive value)";
/** To blot out shorter ones would spoil every text, and they keep no secret. */
const SHORTEST = 4;

/**
 * Knows the sensitive and write-only texts in `values`. Whatever an action throws may quote them: services answer with
 * what they were sent.
 */
export const censorOf = (schema: Schema, ...values: readonly ObjectValue[]): Censor =>
  censorOfTexts(values.flatMap((value) => secretsIn(allAttributes(schema), value, false)));

/** Knows these secrets, but for those that are too short to be one. */
export function censorOfTexts(secrets: readonly string[]): Censor {
  const forms = secrets
    .filter(({ length }) => length >= SHORTEST)
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]);
  // A secret that has another in it goes first, else its rest would be left.
  const longestFirst = [...new Set(forms)].sort((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((left, secret) => left.replaceAll(secret, BLOT), text);
}

function secretsIn(attributes: Attributes, value: ObjectValue, isInside: boolean): readonly string[] {
  return Object.entries(attributes).flatMap(([name, { type, sensitive = false }]) =>
    textsIn(type, value[name] ?? null, isInside || sensitive),
  );
}

function textsIn(type: TypeShape, value: Value, isSecret: boolean): readonly string[] {
  if (typeof value === "string") return isSecret ? [value] : [];
  if (type.kind === "object" && isObjectValue(value)) return secretsIn(type.attributes, value, isSecret);
  if ((type.kind === "list" || type.kind === "set") && Array.isArray(value)) {
    return value.flatMap((element: Value) => textsIn(type.element, element, isSecret));
  }
  if (type.kind === "map" && isObjectValue(value)) {
    return Object.values(value).flatMap((element) => textsIn(type.element, element, isSecret));
  }
  return [];
}

/** A value of `type` to be shown: what is sensitive in it is blotted out, whatever it is. */
export function blotted(type: TypeShape, value: Value): Value {
  if (type.kind === "object" && isObjectValue(value)) {
    const shown = Object.entries(value).map(([name, inner]): [string, Value] => {
      const attribute = type.attributes[name];
      const isSecret = attribute?.sensitive === true && inner !== null;
      return [name, isSecret || attribute === undefined ? BLOT : blotted(attribute.type, inner)];
    });
    return Object.fromEntries(shown);
  }
  if ((type.kind === "list" || type.kind === "set") && Array.isArray(value)) {
    return value.map((element: Value) => blotted(type.element, element));
  }
  if (type.kind === "map" && isObjectValue(value)) {
    const shown = Object.entries(value).map(([key, element]) => [key, blotted(type.element, element)]);
    return Object.fromEntries(shown);
  }
  return value;
}

export const censoredDiagnostics = (
  diagnostics: readonly Diagnostic[],
  censor: Censor,
): readonly Diagnostic[] =>
  diagnostics.map((diagnostic) => ({
    ...diagnostic,
    summary: censor(diagnostic.summary),
    detail: censor(diagnostic.detail),
  }));

/** The same runtime, whose log writes no secret. */
export function censoredRuntime<R extends Runtime>(runtime: R, censor: Censor): R {
  const clean = (_key: string, field: unknown): unknown =>
    typeof field === "string" ? censor(field) : field;
  const at =
    (level: keyof Log): Log["debug"] =>
    (message, fields = {}) =>
      runtime.log[level](
        censor(message),
        JSON.parse(JSON.stringify(fields, clean)) as Readonly<Record<string, unknown>>,
      );
  return { ...runtime, log: { debug: at("debug"), info: at("info"), warn: at("warn") } };
}
