import { decode, type EncoderOptions, ExtData, encode } from "@msgpack/msgpack";
import { allAttributes } from "../core/schema.js";
import type { Attributes, Schema, TypeShape } from "../core/types.js";
import { isObjectValue, type ObjectValue, UNKNOWN, type Value } from "../core/value.js";
import type { DynamicValue } from "./messages.js";

/** A value that does not fit its schema, or can't be carried. The message has the path. */
export class ValueError extends Error {
  override readonly name = "ValueError";
}

/**
 * Unknown values are extension 0. Refined ones (12) say more, and later codes may come: all mean "unknown", and to forget
 * a refinement is always allowed.
 */
const extensionCodec: NonNullable<EncoderOptions["extensionCodec"]> = {
  tryToEncode: (value: unknown) => (value === UNKNOWN ? new ExtData(0, new Uint8Array([0])) : null),
  decode: () => UNKNOWN,
};
const MAX_DEPTH = 1000;

/** The value of a whole resource or configuration; null where Terraform has none (before create, after delete). */
export function decodeObject(schema: Schema, wire: DynamicValue | null): ObjectValue | null {
  const raw = decodeRaw(wire);
  if (raw === null) return null;
  return toObject(allAttributes(schema), raw, "");
}

function decodeRaw(wire: DynamicValue | null): unknown {
  if (wire === null) return null;
  if (wire.msgpack.length > 0) return decode(wire.msgpack, { extensionCodec, useBigInt64: true });
  return wire.json.length > 0 ? (JSON.parse(wire.json.toString("utf8")) as unknown) : null;
}

/** A stored state's JSON, as `decodeObject` does it. Attributes that the schema no longer has are dropped. */
export function objectFromJson(schema: Schema, raw: unknown): ObjectValue {
  return toObject(allAttributes(schema), raw, "");
}

/** Every attribute of the schema is written, null where unset: Terraform insists. */
export function encodeObject(schema: Schema, value: ObjectValue | null): { readonly msgpack: Buffer } {
  const complete = value === null ? null : fromObject(allAttributes(schema), value);
  const bytes = encode(complete, { extensionCodec, maxDepth: MAX_DEPTH });
  return { msgpack: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}

function toObject(attributes: Attributes, raw: unknown, path: string): ObjectValue {
  const record = toRecord(raw, path);
  const entries = Object.entries(attributes).map(([name, { type }]): [string, Value] => [
    name,
    toValue(type, record[name] ?? null, path === "" ? name : `${path}.${name}`),
  ]);
  return Object.fromEntries(entries);
}

function toValue(type: TypeShape, raw: unknown, path: string): Value {
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
    case "set":
      if (!Array.isArray(raw)) throw mismatch(path, type, raw);
      return raw.map((element: unknown, index) => toValue(type.element, element, `${path}[${index}]`));
    case "map":
      return Object.fromEntries(
        Object.entries(toRecord(raw, path)).map(([key, element]) => [
          key,
          toValue(type.element, element, `${path}[${JSON.stringify(key)}]`),
        ]),
      );
    case "object":
      return toObject(type.attributes, raw, path);
  }
}

/** Terraform's numbers are decimal and of any size: as text where no binary form is exact. */
function toNumber(raw: unknown, path: string, type: TypeShape): number {
  const isText = typeof raw === "string" && raw.trim() !== "";
  if (typeof raw !== "number" && typeof raw !== "bigint" && !isText) throw mismatch(path, type, raw);
  const value = Number(raw);
  if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) {
    throw new ValueError(`${path} is ${String(raw)}: numbers beyond ±2^53 can't be held exactly.`);
  }
  return value;
}

function toRecord(raw: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof raw === "object" && raw !== null && !Array.isArray(raw)) return raw as Record<string, unknown>;
  throw new ValueError(`${path === "" ? "The value" : path} must be an object, not ${describe(raw)}.`);
}

function mismatch(path: string, type: TypeShape, raw: unknown): ValueError {
  return new ValueError(`${path} must be a ${type.kind}, not ${describe(raw)}.`);
}

const describe = (raw: unknown): string =>
  raw === null ? "null" : Array.isArray(raw) ? "a list" : raw === UNKNOWN ? "unknown" : `a ${typeof raw}`;

function fromObject(attributes: Attributes, value: ObjectValue): ObjectValue {
  const entries = Object.entries(attributes).map(([name, { type }]): [string, Value] => [
    name,
    fromValue(type, value[name] ?? null),
  ]);
  return Object.fromEntries(entries);
}

function fromValue(type: TypeShape, value: Value): Value {
  // The shortest decimal text means to Terraform exactly what the user wrote; a float64 of 0.1 does not.
  if (typeof value === "number") return Number.isSafeInteger(value) ? value : String(value);
  if (type.kind === "object" && isObjectValue(value)) return fromObject(type.attributes, value);
  if ((type.kind === "list" || type.kind === "set") && Array.isArray(value)) {
    return value.map((element: Value) => fromValue(type.element, element));
  }
  if (type.kind === "map" && isObjectValue(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, element]) => [key, fromValue(type.element, element)]),
    );
  }
  return value;
}
