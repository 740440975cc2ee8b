import { describe, expect, test } from "@jest/globals";
import {
  isWhole,
  LENGTH_DIGITS,
  listBytes,
  parseList,
  renderStore,
} from "../../../../scripts/cli/core/code-store.js";

const PARTS = [
  { name: "main.js", code: Buffer.from("compiled main") },
  { name: "größe.js", code: Buffer.from([0, 255, 10, 1]) },
];

/** As a start reads it: the digits, the list, then each part by its place. */
function read(file: Buffer, key: string) {
  const length = listBytes(file.toString("latin1", 0, LENGTH_DIGITS));
  if (length === null) return null;
  const list = parseList(file.toString("utf8", LENGTH_DIGITS, LENGTH_DIGITS + length), key);
  return [...list.values()].map((part) => {
    const code = file.subarray(part.at, part.at + part.bytes);
    return { name: part.name, code, isWhole: isWhole(code, part) };
  });
}

test("what is stored is read again, part by part", () => {
  expect(read(renderStore("key", PARTS), "key")).toEqual(PARTS.map((part) => ({ ...part, isWhole: true })));
});

test("what was stored for another key is none", () => {
  expect(read(renderStore("key", PARTS), "another")).toEqual([]);
});

describe("what is not whole is known:", () => {
  const whole = renderStore("key", PARTS);
  const changed = (at: number): Buffer => {
    const file = Buffer.from(whole);
    file[at] = (file[at] ?? 0) ^ 1;
    return file;
  };

  test("each byte of a part", () => {
    for (const [index, part] of (read(whole, "key") ?? []).entries()) {
      const at = whole.indexOf(part.code);
      for (let byte = 0; byte < part.code.length; byte += 1)
        expect(read(changed(at + byte), "key")?.map((its) => its.isWhole)).toEqual(
          PARTS.map((_, its) => its !== index),
        );
    }
  });

  test("a part that is cut short", () => {
    expect(read(whole.subarray(0, -1), "key")?.map((part) => part.isWhole)).toEqual([true, false]);
  });

  test.each([
    ["nothing", ""],
    ["other digits", "0000x012"],
    ["too few digits", "0012"],
  ])("%s in place of the list's length", (_what, digits) => expect(listBytes(digits)).toBeNull());

  test.each(["", "{", "null", "[]", '{"key":"key"}', '{"key":"key","parts":[1]}'])("the list %j", (text) =>
    expect(parseList(text, "key")).toEqual(new Map()),
  );
});
