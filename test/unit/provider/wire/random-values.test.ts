import { describe, expect, test } from "@jest/globals";
import type { Schema } from "../../../../provider/core/types.js";
import type { ObjectValue } from "../../../../provider/core/value.js";
import { decodeObject, encodeObject } from "../../../../provider/wire/value.js";
import { ValueError } from "../../../../provider/wire/value-error.js";
import { type Random, randomFrom, randomObject, randomSchema } from "../../../support/provider/random.js";

const SEEDS = Array.from({ length: 300 }, (_, seed) => seed);

function randomCase(seed: number): { random: Random; schema: Schema; value: ObjectValue } {
  const random = randomFrom(seed);
  const schema = randomSchema(random);
  return { random, schema, value: randomObject(random, schema.attributes) };
}

/** A few bytes changed, cut off, doubled or put in: what a broken caller might send. */
function broken(bytes: Buffer, random: Random): Buffer {
  const damaged = Buffer.from(bytes);
  for (let change = random.below(4); change >= 0; change--) {
    damaged[random.below(damaged.length)] = random.below(256);
  }
  const at = random.below(damaged.length);
  return random.pick([
    damaged,
    damaged.subarray(0, at),
    Buffer.concat([damaged.subarray(0, at), Buffer.from([random.below(256)]), damaged.subarray(at)]),
    Buffer.concat([damaged, damaged.subarray(at)]),
  ]);
}

function decodedOr<T>(schema: Schema, msgpack: Buffer, otherwise: (error: unknown) => T): unknown {
  try {
    return decodeObject(schema, { msgpack, json: Buffer.alloc(0) });
  } catch (error) {
    return otherwise(error);
  }
}

// The seed is in what is compared, so that a failure names it.
describe("values of any schema, by seed", () => {
  test("come back as they went", () => {
    for (const seed of SEEDS) {
      const { schema, value } = randomCase(seed);
      const { msgpack } = encodeObject(schema, value);
      expect({ seed, value: decodeObject(schema, { msgpack, json: Buffer.alloc(0) }) }).toEqual({
        seed,
        value,
      });
    }
  });

  test("broken bytes are a value or a ValueError, nothing else, and at once", () => {
    const errors = SEEDS.map((seed) => {
      const { random, schema, value } = randomCase(seed);
      const bytes = broken(encodeObject(schema, value).msgpack, random);
      const error = decodedOr(schema, bytes, (thrown) => thrown);
      return { seed, isOther: error instanceof Error && !(error instanceof ValueError), error };
    });
    expect(errors.filter(({ isOther }) => isOther)).toEqual([]);
    // Else nothing was broken.
    expect(errors.filter(({ error }) => error instanceof ValueError).length).toBeGreaterThan(100);
  });
});
