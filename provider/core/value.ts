/** Stands for a value that Terraform will know only during apply. */
export const UNKNOWN: unique symbol = Symbol("unknown");
export type Unknown = typeof UNKNOWN;

/** Terraform's values as plain JavaScript: null = unset, sets as arrays, maps and objects as records. */
export type Value = null | Unknown | string | number | boolean | readonly Value[] | ObjectValue;
export interface ObjectValue {
  readonly [key: string]: Value;
}

export const isObjectValue = (value: Value | undefined): value is ObjectValue =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A deep copy with null for every unknown value: Terraform stores no unknown values in a state. */
function unknownsNulled(value: Value): Value {
  if (value === UNKNOWN) return null;
  if (Array.isArray(value)) return value.map(unknownsNulled);
  if (isObjectValue(value)) return objectWithUnknownsNulled(value);
  return value;
}

export function objectWithUnknownsNulled(value: ObjectValue): ObjectValue {
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unknownsNulled(inner)]));
}

/** Whether no part of the value is unknown. */
export function isWhollyKnown(value: Value): boolean {
  if (value === UNKNOWN) return false;
  if (Array.isArray(value)) return value.every(isWhollyKnown);
  return !isObjectValue(value) || Object.values(value).every(isWhollyKnown);
}
