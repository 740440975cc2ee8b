import { expect, test } from "@jest/globals";
import { exactNumber, isDecimal } from "../../../../provider/wire/number.js";

test.each<[number | bigint | string, number]>([
  ["0.1", 0.1],
  ["0.10", 0.1],
  ["-12.5e-3", -0.0125],
  ["9007199254740991", 2 ** 53 - 1],
  ["100e2", 10_000],
  ["0", 0],
  ["0.000", 0],
  ["4503599627370495.5", 4503599627370495.5],
  [2n ** 53n - 1n, 2 ** 53 - 1],
  [0.1, 0.1],
])("%p is held exactly", (raw, value) => {
  expect(exactNumber(raw)).toBe(value);
});

test.each<[number | bigint | string]>([
  ["9007199254740993"],
  ["9007199254740991.5"],
  ["12345678901234567890"],
  ["0.12345678901234567890"],
  ["0.333333333333333333333333333333"],
  ["1e-400"],
  ["1e400"],
  [2n ** 53n + 1n],
  [2n ** 63n],
  [2 ** 70],
  [Number.NaN],
  [Number.POSITIVE_INFINITY],
])("%p would be rounded", (raw) => {
  expect(exactNumber(raw)).toBeNull();
});

test.each(["", " ", "0x10", "1_000", "Infinity", "NaN", "1.", ".5", "--1", " 1", "1n"])(
  "%p is not a decimal number",
  (text) => {
    expect(isDecimal(text)).toBe(false);
  },
);
