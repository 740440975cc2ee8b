import { describe, expect, test } from "@jest/globals";
import { Type } from "@sinclair/typebox";
import {
  choiceProblems,
  listProblems,
  renderReason,
  schemaProblems,
} from "../../../../agent/contract/problems.js";

function* many(count: number, seen: { last: number }): Generator<string> {
  for (let number = 1; number <= count; number += 1) {
    seen.last = number;
    yield `p${number}`;
  }
}

describe("a list of problems", () => {
  test.each([
    [0, null],
    [100, null],
    [101, "and 1 more"],
    [999, "and 899 more"],
    [1_000, "and at least 900 more"],
    [5_000, "and at least 900 more"],
  ])("of %d has a hundred of them at most, and counts the others", (count, more) => {
    const seen = { last: 0 };
    const listed = listProblems(many(count, seen));
    expect(listed.slice(0, 100)).toEqual(Array.from({ length: Math.min(count, 100) }, (_, n) => `p${n + 1}`));
    expect(listed.slice(100)).toEqual(more === null ? [] : [more]);
    expect(seen.last).toBe(Math.min(count, 1_000));
  });

  test("as a reason has 2,000 characters at most", () => {
    expect(renderReason("invalid", ["a", "b"])).toBe("invalid: a; b");
    const whole = renderReason("x", ["y".repeat(1_997)]);
    expect(whole).toHaveLength(2_000);
    expect(whole.endsWith("y")).toBe(true);
    const cut = renderReason("x", ["y".repeat(1_998)]);
    expect([cut.length, cut.endsWith("y...")]).toEqual([2_000, true]);
  });
});

describe("what breaks a schema", () => {
  const schema = Type.Object({ "a/b": Type.Integer(), c: Type.Optional(Type.String()) });

  test("is named by its place, with what was got", () => {
    expect([...schemaProblems(schema, { "a/b": "x", c: 1 })]).toEqual([
      expect.stringMatching(/^"a\/b": got "x"; expected integer/),
      expect.stringMatching(/^c: got 1; expected string/),
    ]);
    expect([...schemaProblems(schema, { "a/b": "x" }, "job", true)][0]).toMatch(/^job\."a\/b": got/);
    expect([...schemaProblems(schema, 7, "job")]).toEqual([
      expect.stringMatching(/^job: got 7; expected object/),
    ]);
  });

  test("is also a word that is none of its choices", () => {
    const choice = Type.Object({ color: Type.String({ enum: ["red", "green"] }), size: Type.String() });
    const problem = 'color: got "blue"; expected one of red, green';
    expect([...choiceProblems(choice, { color: "blue", size: "blue" })]).toEqual([problem]);
    for (const value of [{ color: "red" }, { color: 7 }, {}, null, "blue", undefined])
      expect([...choiceProblems(choice, value)]).toEqual([]);
    expect([...choiceProblems({} as never, { color: "blue" })]).toEqual([]);
  });
});
