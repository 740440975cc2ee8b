import { describe, expect, test } from "@jest/globals";
import { type ForeignState, moveState } from "../../../../provider/core/move.js";
import { type AnyResource, resourceFor } from "../../../../provider/core/resource.js";
import { integer, required } from "../../../../provider/core/schema.js";

const unset = () => Promise.reject(new Error("unset"));
const base = resourceFor<null>()({
  schema: { version: 0, description: "", attributes: { size: required(integer, { description: "" }) } },
  create: unset,
  read: unset,
  update: unset,
  delete: unset,
  moveFrom: [
    {
      typeName: "other_thing",
      provider: "acme/other",
      schemaVersions: [1, 2],
      move: ({ count }) => ({ size: Number(count) }),
    },
    {
      typeName: "other_thing",
      provider: "acme/other",
      schemaVersions: [3],
      move: ({ amount }) => ({ size: Number(amount) }),
    },
  ],
});
const resource = base as AnyResource<null>;
const source: ForeignState = {
  typeName: "other_thing",
  providerAddress: "registry.terraform.io/acme/other",
  schemaVersion: 1,
  state: { count: 4, amount: 5 },
};
const move = (given: Partial<ForeignState>, into = resource) =>
  moveState("test_thing", into, { ...source, ...given });

describe("moveState", () => {
  test("uses the move for the source's version, for any registry of its provider", () => {
    expect(move({})).toEqual({ size: 4 });
    expect(move({ schemaVersion: 3 })).toEqual({ size: 5 });
    expect(move({ providerAddress: "registry.opentofu.org/acme/other" })).toEqual({ size: 4 });
  });

  test.each<[string, Partial<ForeignState>, RegExp]>([
    ["type", { typeName: "other" }, /other of registry.terraform.io\/acme\/other can't become a test_thing/],
    ["provider", { providerAddress: "registry.terraform.io/acme/else" }, /acme\/else can't become/],
    ["schema version", { schemaVersion: 0 }, /schema version 0; this provider knows 1, 2, 3/],
  ])("refuses another %s and says what it takes", (_name, given, message) => {
    expect(() => move(given)).toThrow(message);
  });

  test("names the import as a way only where there is one", () => {
    const { moveFrom: _none, ...closed } = resource;
    expect(() => move({}, closed)).toThrow(/of no other type\. .*old address\.$/);
    expect(() => move({}, { ...closed, import: () => ({}) })).toThrow(/import block/);
  });
});
