import { isDeepStrictEqual } from "node:util";
import type { TypeShape } from "./types.js";
import { isObjectValue, UNKNOWN, type Value } from "./value.js";

/** Whether two values of `type` mean the same to Terraform: the order of a set's elements does not count. */
export function isSameValue(type: TypeShape, a: Value, b: Value): boolean {
  return isDeepStrictEqual(withSetsSorted(type, a), withSetsSorted(type, b));
}

/** How many distinct elements a set of these has. All of them are known. */
export const sizeOfSet = (element: TypeShape, elements: readonly Value[]): number =>
  new Set(elements.map((value) => JSON.stringify(withSetsSorted(element, value)))).size;

function withSetsSorted(type: TypeShape, value: Value): Value {
  if (type.kind === "object" && isObjectValue(value)) {
    const entries = Object.entries(type.attributes).map(([name, attribute]): [string, Value] => [
      name,
      withSetsSorted(attribute.type, value[name] ?? null),
    ]);
    return Object.fromEntries(entries);
  }
  if (type.kind === "map" && isObjectValue(value)) {
    const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(sorted.map(([key, element]) => [key, withSetsSorted(type.element, element)]));
  }
  if ((type.kind === "list" || type.kind === "set") && Array.isArray(value)) {
    const elements = value.map((element: Value) => withSetsSorted(type.element, element));
    return type.kind === "list" ? elements : sortedByText(elements);
  }
  return value;
}

function sortedByText(elements: readonly Value[]): readonly Value[] {
  const text = (value: Value): string =>
    JSON.stringify(value, (_key, inner: unknown) => (inner === UNKNOWN ? { unknown: true } : inner));
  return elements
    .map((element): { readonly element: Value; readonly key: string } => ({ element, key: text(element) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ element }) => element);
}
