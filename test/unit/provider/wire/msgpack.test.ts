import { describe, expect, test } from "@jest/globals";
import { encode } from "@msgpack/msgpack";
import { decodeMsgpack, encodeMsgpack } from "../../../../provider/wire/msgpack.js";
import { ValueError } from "../../../../provider/wire/value-error.js";

const bytes = (...parts: readonly number[]): Buffer => Buffer.from(parts);
const nested = (levels: number): Buffer => Buffer.concat([Buffer.alloc(levels, 0x91), bytes(0xc0)]);

describe("decodeMsgpack", () => {
  test.each<[string, Buffer, RegExp]>([
    ["nothing", bytes(), /cut short/],
    ["a text that ends too early", bytes(0xa5, 0x61), /cut short/],
    ["a length that ends too early", bytes(0xda, 0x00), /cut short/],
    ["a list that ends too early", bytes(0x93, 0x01, 0x02), /cut short/],
    ["a map without its last value", bytes(0x81, 0xa1, 0x61), /cut short/],
    ["an extension that ends too early", bytes(0xd4, 0x00), /cut short/],
    ["a list that says it has four billion elements", bytes(0xdd, 0xff, 0xff, 0xff, 0xff), /cut short/],
    [
      "many that say so",
      Buffer.concat(Array.from({ length: 1000 }, () => bytes(0xdd, 1, 0xff, 0xff, 0xff))),
      /cut short/,
    ],
    ["two values", bytes(0x01, 0x02), /1 bytes follow its end/],
    ["the byte that msgpack never uses", bytes(0x92, 0x01, 0xc1), /nothing begins with the byte at 2/],
    ["text that is not UTF-8", bytes(0xa2, 0xff, 0xfe), /the text at 1 is not UTF-8/],
    ["half of an emoji", bytes(0xa3, 0xed, 0xa0, 0x80), /not UTF-8/],
    ["a key that is not UTF-8", bytes(0x81, 0xa1, 0xff, 0x01), /not UTF-8/],
    ["a key that no object may have", Buffer.from(encode(JSON.parse('{"__proto__":1}'))), /__proto__/],
    ["a list as a key", bytes(0x81, 0x90, 0x01), /key/],
  ])("%s fails, and says why", (_name, malformed, message) => {
    expect(() => decodeMsgpack(malformed)).toThrow(ValueError);
    expect(() => decodeMsgpack(malformed)).toThrow(message);
  });

  test("a million levels do not overflow", () => {
    let value = decodeMsgpack(nested(1_000_000));
    let levels = 0;
    for (; Array.isArray(value); levels++) value = value[0];
    expect({ levels, value }).toEqual({ levels: 1_000_000, value: null });
  });

  test.each<[string, unknown]>([
    ["every width of text", [31, 32, 255, 256, 65_535, 65_536].map((length) => "é".repeat(length))],
    ["every width of lists", [15, 16, 65_536].map((length) => Array.from({ length }, () => null))],
    ["every width of integers", [0, -1, 127, 128, -33, 256, -129, 65_536, 2 ** 31, -(2 ** 31)]],
    ["fractions and bytes", [0.5, new Uint8Array([1, 2, 3])]],
    ["a wide map", Object.fromEntries(Array.from({ length: 70_000 }, (_, index) => [`k${index}`, true]))],
  ])("%s passes", (_name, content) => {
    expect(decodeMsgpack(Buffer.from(encode(content)))).toEqual(content);
  });

  test("integers of 64 bits keep every digit", () => {
    const content = [2n ** 64n - 1n, -(2n ** 63n), 2n ** 53n + 1n];
    expect(decodeMsgpack(Buffer.from(encode(content, { useBigInt64: true })))).toEqual(content);
  });
});

test("what is encoded is one whole value", () => {
  expect(decodeMsgpack(encodeMsgpack({ a: ["x", null] }))).toEqual({ a: ["x", null] });
});
