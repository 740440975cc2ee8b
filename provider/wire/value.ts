import { isUtf8 } from "node:buffer";
import type { PathStep } from "../core/diagnostic.js";
import type { RawState } from "../core/resource.js";
import { allAttributes } from "../core/schema.js";
import type { Attributes, Schema, TypeShape } from "../core/types.js";
import { isObjectValue, type ObjectValue, UNKNOWN, type Value } from "../core/value.js";
import type { DynamicValue } from "./messages.js";
import { decodeMsgpack, encodeMsgpack } from "./msgpack.js";
import { exactNumber, isDecimal } from "./number.js";
import { wellFormed } from "./text.js";
import { ValueError } from "./value-error.js";

/** What becomes of an attribute that the schema does not have. */
type Extras = "fail" | "drop";
type ValuePath = readonly PathStep[];

/**
 * The value of a whole resource or configuration; null where Terraform has none (before create, after delete). What is
 * left out is null. Throws ValueError.
 */
export function decodeObject(schema: Schema, wire: DynamicValue | null): ObjectValue | null {
  const raw = decodeRaw(wire);
  return raw === null ? null : toObject(allAttributes(schema), raw, [], "fail");
}

/** As `decodeObject`; where there is none, an object with nothing set. */
export const decodeConfig = (schema: Schema, wire: DynamicValue | null): ObjectValue =>
  decodeObject(schema, wire) ?? objectFromJson(schema, {});

function decodeRaw(wire: DynamicValue | null): unknown {
  if (wire === null) return null;
  if (wire.msgpack.length > 0) return decodeMsgpack(wire.msgpack);
  return wire.json.length > 0 ? parseJson(wire.json) : null;
}

/** Throws ValueError; the parser's own words would quote what it read. */
function parseJson(bytes: Buffer): unknown {
  try {
    if (isUtf8(bytes)) return JSON.parse(bytes.toString("utf8")) as unknown;
  } catch {
    // Told below.
  }
  throw new ValueError([], "is not well-formed JSON in UTF-8");
}

/** A stored state's attributes, whatever they are; null = there is none. Throws ValueError. */
export function stateFromJson(json: Buffer): RawState | null {
  const raw = parseJson(json);
  return raw === null ? null : { ...toRecord(raw, []) };
}

/** A stored state's JSON, as `decodeObject` does it. Attributes that the schema no longer has are dropped. */
export function objectFromJson(schema: Schema, raw: unknown): ObjectValue {
  return toObject(allAttributes(schema), raw, [], "drop");
}

/** Every attribute of the schema is written, null where unset: Terraform insists. */
export function encodeObject(schema: Schema, value: ObjectValue | null): { readonly msgpack: Buffer } {
  return { msgpack: encodeMsgpack(value === null ? null : fromObject(allAttributes(schema), value)) };
}

function toObject(attributes: Attributes, raw: unknown, path: ValuePath, extras: Extras): ObjectValue {
  const record = toRecord(raw, path);
  const extra = Object.keys(record).find((name) => !Object.hasOwn(attributes, name));
  if (extra !== undefined && extras === "fail") {
    throw new ValueError([...path, extra], "is not in the schema");
  }
  const entries = Object.entries(attributes).map(([name, { type }]): [string, Value] => {
    const inner = Object.hasOwn(record, name) ? record[name] : null;
    return [name, toValue(type, inner, [...path, name], extras)];
  });
  return Object.fromEntries(entries);
}

function toValue(type: TypeShape, raw: unknown, path: ValuePath, extras: Extras): Value {
  if (raw === null || raw === UNKNOWN) return raw as Value;
  switch (type.kind) {
    case "string":
      if (typeof raw === "string") return raw;
      throw mismatch(path, type, raw);
    case "bool":
      if (typeof raw === "boolean") return raw;
      throw mismatch(path, type, raw);
    case "number":
    case "integer":
      return toNumber(raw, path, type);
    case "list":
    case "set": {
      if (!Array.isArray(raw)) throw mismatch(path, type, raw);
      const step = (index: number): PathStep => (type.kind === "list" ? index : { someOf: "set" });
      return raw.map((element: unknown, index) =>
        toValue(type.element, element, [...path, step(index)], extras),
      );
    }
    case "map": {
      const entries = Object.entries(toRecord(raw, path)).map(([key, element]): [string, Value] => [
        key,
        toValue(type.element, element, [...path, { key }], extras),
      ]);
      return Object.fromEntries(entries);
    }
    case "object":
      return toObject(type.attributes, raw, path, extras);
  }
}

function toNumber(raw: unknown, path: ValuePath, type: TypeShape): number {
  const isNumber = typeof raw === "number" || typeof raw === "bigint";
  if (!isNumber && !(typeof raw === "string" && isDecimal(raw))) throw mismatch(path, type, raw);
  if (typeof raw === "number" && !Number.isFinite(raw)) throw new ValueError(path, "must be a finite number");
  const value = exactNumber(raw);
  if (value !== null) return value;
  throw new ValueError(
    path,
    "has more digits than can be held exactly: whole numbers end at ±2^53, others have some 15 digits. Round it",
  );
}

function toRecord(raw: unknown, path: ValuePath): Readonly<Record<string, unknown>> {
  if (describe(raw) === "an object") return raw as Record<string, unknown>;
  throw new ValueError(path, `must be an object, not ${describe(raw)}`);
}

function mismatch(path: ValuePath, type: TypeShape, raw: unknown): ValueError {
  return new ValueError(
    path,
    `must be ${type.kind === "integer" ? "an" : "a"} ${type.kind}, not ${describe(raw)}`,
  );
}

function describe(raw: unknown): string {
  if (raw === null || raw === undefined) return "null";
  if (raw === UNKNOWN) return "unknown";
  if (Array.isArray(raw)) return "a list";
  if (raw instanceof Uint8Array) return "bytes";
  return typeof raw === "object" ? "an object" : `a ${typeof raw}`;
}

function fromObject(attributes: Attributes, value: ObjectValue): ObjectValue {
  const entries = Object.entries(attributes).map(([name, { type, mode }]): [string, Value] => [
    name,
    // Terraform refuses a whole object for one that comes back.
    mode === "writeOnly" ? null : fromValue(type, value[name] ?? null),
  ]);
  return Object.fromEntries(entries);
}

function fromValue(type: TypeShape, value: Value): Value {
  if (typeof value === "number") return toDecimal(value);
  if (typeof value === "string") return wellFormed(value);
  if (type.kind === "object" && isObjectValue(value)) return fromObject(type.attributes, value);
  if ((type.kind === "list" || type.kind === "set") && Array.isArray(value)) {
    return value.map((element: Value) => fromValue(type.element, element));
  }
  if (type.kind === "map" && isObjectValue(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, element]) => [wellFormed(key), fromValue(type.element, element)]),
    );
  }
  return value;
}

function toDecimal(value: number): Value {
  // What is no number to Terraform would make it refuse the whole state, and forget what was made.
  if (!Number.isFinite(value)) return null;
  // The shortest decimal text means exactly what the user wrote; a float64 of 0.1 does not.
  return Number.isSafeInteger(value) ? value : String(value);
}
