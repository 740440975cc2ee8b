import {
  bool,
  integer,
  list,
  map,
  number,
  object,
  optional,
  set,
  string,
} from "../../../provider/core/schema.js";
import type { Attributes, Schema, TypeShape } from "../../../provider/core/types.js";
import { type ObjectValue, UNKNOWN, type Value } from "../../../provider/core/value.js";

/** Choices that the seed alone decides: a case that failed is found again by its seed. */
export interface Random {
  /** A whole number from 0, below `limit`. */
  below(limit: number): number;
  pick<T>(from: readonly [T, ...T[]]): T;
}

/** The mulberry32 generator. */
export function randomFrom(seed: number): Random {
  let state = seed;
  const below = (limit: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
  return { below, pick: (from) => from[below(from.length)] ?? from[0] };
}

export const TEXTS = [
  "",
  "a",
  "größe 日本語",
  "👩‍👩‍👧‍👦",
  "e\u0301\u0302\u0303",
  "\0\u0001\u007f",
  "\ufeff\u202e\u2028",
  "constructor",
  "line\r\nline",
  "x".repeat(31),
  "x".repeat(32),
  "é".repeat(200),
  "日".repeat(30_000),
] as const;
const NUMBERS = [
  ...[0, 1, -1, 127, 128, -32, -33, -128, -129, 255, 256, 65_535, 65_536, 2 ** 31, -(2 ** 31), 2 ** 32],
  ...[Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 0.1, 0.5, -1.5e-9, 1e-300, 5e-324, Math.PI],
] as [number, ...number[]];
const KEYS = ["a", "", "0", "10", "größe", "a.b", "👍", "constructor", "x".repeat(300)] as const;

/** A schema of a few attributes of any types, each level nested less deep. */
export function randomSchema(random: Random): Schema {
  const attributes = Array.from({ length: 1 + random.below(4) }, (_, index) => [
    `a${index}`,
    optional(randomType(random, 4), { description: "" }),
  ]);
  return { version: 0, description: "", attributes: Object.fromEntries(attributes) };
}

function randomType(random: Random, depth: number): TypeShape {
  const leaves = [() => string, () => number, () => integer, () => bool] as const;
  const inner = () => randomType(random, depth - 1);
  const nested = [
    () => list(inner()),
    () => set(inner()),
    () => map(inner()),
    () =>
      object({ text: optional(string, { description: "" }), inner: optional(inner(), { description: "" }) }),
  ] as const;
  return random.pick<() => TypeShape>(depth === 0 ? leaves : [...leaves, ...nested])();
}

type Texts = readonly [string, ...string[]];

/** A value of the type, or null, or unknown, at any place in it. */
function randomValue(random: Random, type: TypeShape, texts: Texts = TEXTS): Value {
  const special = random.below(12);
  if (special < 2) return special === 0 ? null : UNKNOWN;
  switch (type.kind) {
    case "string":
      return random.pick(texts);
    case "bool":
      return random.below(2) === 0;
    case "number":
      return random.pick(NUMBERS);
    case "integer":
      return Math.trunc(random.pick(NUMBERS)) + 0;
    case "list":
    case "set": {
      const length = random.pick([0, 1, 3, 17]);
      return Array.from({ length }, () => randomValue(random, type.element, texts));
    }
    case "map": {
      const keys = KEYS.filter(() => random.below(2) === 0);
      return Object.fromEntries(keys.map((key) => [key, randomValue(random, type.element, texts)]));
    }
    case "object":
      return randomObject(random, type.attributes, texts);
  }
}

/** As a user may write it: any values, mostly with what is required. */
export function randomObject(random: Random, attributes: Attributes, texts: Texts = TEXTS): ObjectValue {
  const entries = Object.entries(attributes).map(([name, { type, mode }]): [string, Value] => {
    const first = randomValue(random, type, texts);
    return [name, first === null && mode === "required" ? randomValue(random, type, texts) : first];
  });
  return Object.fromEntries(entries);
}
