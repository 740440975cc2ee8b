import { allAttributes } from "../core/schema.js";
import type { Attributes, Schema, TypeShape } from "../core/types.js";

export const camelCase = (name: string): string =>
  name.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());

/** Props as Terraform's JSON: attribute names in snake case, a map's keys as they are, tokens untouched. */
export function renderProps(
  schema: Schema,
  props: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return renderObject(allAttributes(schema), props);
}

function renderObject(
  attributes: Attributes,
  props: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const entries = Object.entries(attributes)
    .map(([name, { type }]) => [name, render(type, props[camelCase(name)])])
    .filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries);
}

function render(type: TypeShape, value: unknown): unknown {
  if (type.kind === "object" && isRecord(value)) return renderObject(type.attributes, value);
  if ((type.kind === "list" || type.kind === "set") && Array.isArray(value)) {
    return value.map((element: unknown) => render(type.element, element));
  }
  if (type.kind === "map" && isRecord(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, element]) => [key, render(type.element, element)]),
    );
  }
  return value;
}

/** A plain object, not a token. */
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
