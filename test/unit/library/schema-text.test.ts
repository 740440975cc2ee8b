import { describe, expect, test } from "@jest/globals";
import { Type } from "@sinclair/typebox";
import { commentLines, typeOfSchema } from "../../../scripts/library/schema-text.js";

describe("the TypeScript type of a schema", () => {
  test.each([
    ["a text", Type.String(), "string"],
    ["a number", Type.Number(), "number"],
    ["a whole number of many", Type.Integer({ minimum: 1, maximum: 1000 }), "number"],
    ["a choice of whole numbers", Type.Integer({ minimum: 1, maximum: 2 }), "1 | 2"],
    ["a switch", Type.Boolean(), "boolean"],
    ["a list", Type.Array(Type.String()), "string[]"],
    ["a list of choices", Type.Array(Type.Unsafe<"a" | "b">({ enum: ["a", "b"] })), '("a" | "b")[]'],
    ["a constant", Type.Literal("gp3"), '"gp3"'],
    ["one of several", Type.Union([Type.String(), Type.Null()]), "string | null"],
    [
      "a text or a list",
      Type.Unsafe({ type: ["string", "array"], items: { type: "string" } }),
      "string | string[]",
    ],
    ["a map", Type.Record(Type.String(), Type.Number()), "Record<string, number>"],
  ])("%s", (_what, schema, text) => {
    expect(typeOfSchema(schema)).toBe(text);
  });

  test("an object has each property's description and default, and what may be left out", () => {
    const schema = Type.Object({
      nodes: Type.Integer({ description: "how many", default: 2 }),
      "a-b": Type.Optional(Type.Object({ deep: Type.Optional(Type.Boolean()) }, { default: {} })),
    });
    expect(typeOfSchema(schema)).toBe(`{
  /**
   * how many
   * @default 2
   */
  nodes: number;
  "a-b"?: {
    deep?: boolean;
  };
}`);
  });

  test.each([
    ["any value", {}],
    ["an object with any key", { type: "object" }],
    ["a type of another language", { type: "date" }],
  ])("fails for %s: the type would allow more than the schema", (_what, schema) => {
    expect(() => typeOfSchema(schema)).toThrow("No TypeScript type is known");
  });
});

test("a description can't end its comment, and its signs stay signs", () => {
  expect(commentLines("a */ b\n<UUID> {x} me@example.org")).toEqual([
    "/**",
    " * a *\\/ b",
    " * \\<UUID\\> \\{x\\} me\\@example.org",
    " */",
  ]);
});
