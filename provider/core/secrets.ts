import type { Diagnostic } from "./diagnostic.js";
import type { Log, Runtime } from "./runtime.js";
import { allAttributes } from "./schema.js";
import type { Attributes, Schema, TypeShape } from "./types.js";
import { isObjectValue, type ObjectValue, type Value } from "./value.js";

/** Returns a text with all secrets that it knows redacted. */
export type Redactor = (text: string) => string;

/** The text in place of a secret. */
export const REDACTED = "(a sensitive value)";
/** Shorter texts are not redacted: they would spoil every message, and can't be real secrets. */
const SHORTEST = 4;

/**
 * Redacts the sensitive and write-only texts in `values`. Errors may quote them, because services repeat in an answer what they
 * were sent.
 */
export const redactorOf = (schema: Schema, ...values: readonly ObjectValue[]): Redactor =>
  redactorOfTexts(values.flatMap((value) => secretsIn(allAttributes(schema), value, false)));

/** Redacts these secrets, except those that are too short. */
export function redactorOfTexts(secrets: readonly string[]): Redactor {
  const forms = secrets
    .filter(({ length }) => length >= SHORTEST)
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]);
  // A secret that contains another one is replaced first, otherwise its rest would stay.
  const longestFirst = [...new Set(forms)].sort((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((left, secret) => left.replaceAll(secret, REDACTED), text);
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

/** A value of `type` to show: everything sensitive in it is redacted. */
export function redacted(type: TypeShape, value: Value): Value {
  if (type.kind === "object" && isObjectValue(value)) {
    const shown = Object.entries(value).map(([name, inner]): [string, Value] => {
      const attribute = type.attributes[name];
      const isSecret = attribute?.sensitive === true && inner !== null;
      return [name, isSecret || attribute === undefined ? REDACTED : redacted(attribute.type, inner)];
    });
    return Object.fromEntries(shown);
  }
  if ((type.kind === "list" || type.kind === "set") && Array.isArray(value)) {
    return value.map((element: Value) => redacted(type.element, element));
  }
  if (type.kind === "map" && isObjectValue(value)) {
    const shown = Object.entries(value).map(([key, element]) => [key, redacted(type.element, element)]);
    return Object.fromEntries(shown);
  }
  return value;
}

export const redactedDiagnostics = (
  diagnostics: readonly Diagnostic[],
  redact: Redactor,
): readonly Diagnostic[] =>
  diagnostics.map((diagnostic) => ({
    ...diagnostic,
    summary: redact(diagnostic.summary),
    detail: redact(diagnostic.detail),
  }));

/** The same runtime, whose log writes no secret. */
export function redactedRuntime<R extends Runtime>(runtime: R, redact: Redactor): R {
  const clean = (_key: string, field: unknown): unknown =>
    typeof field === "string" ? redact(field) : field;
  const at =
    (level: keyof Log): Log["debug"] =>
    (message, fields = {}) =>
      runtime.log[level](
        redact(message),
        JSON.parse(JSON.stringify(fields, clean)) as Readonly<Record<string, unknown>>,
      );
  return { ...runtime, log: { debug: at("debug"), info: at("info"), warn: at("warn") } };
}
