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
    const keys = Object.keys(value).toSorted();
    return Object.fromEntries(keys.map((key) => [key, withSetsSorted(type.element, value[key] ?? null)]));
  }
  if ((type.kind === "list" || type.kind === "set") && Array.isArray(value)) {
    const elements = value.map((element: Value) => withSetsSorted(type.element, element));
    return type.kind === "list" ? elements : sortedByText(elements);
  }
  return value;
}

/** What has the same text is the same. */
function sortedByText(elements: readonly Value[]): readonly Value[] {
  const text = (value: Value): string =>
    JSON.stringify(value, (_key, inner: unknown) => (inner === UNKNOWN ? { unknown: true } : inner));
  const byText = new Map(elements.map((element): [string, Value] => [text(element), element]));
  return elements
    .map(text)
    .toSorted()
    .map((key) => byText.get(key) ?? null);
}
