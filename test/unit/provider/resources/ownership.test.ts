import { describe, expect, test } from "@jest/globals";
import { openPrivateState } from "../../../../provider/core/private-state.js";
import { UNKNOWN } from "../../../../provider/core/value.js";
import { foreseenOwner, markImported, standing } from "../../../../provider/resources/ownership.js";

describe("standing: whose a thing of the registry is, to a state", () => {
  test.each([
    ["without an owner", undefined, null, false, "free"],
    ["without an owner any more", undefined, "mine", false, "free"],
    ["its own", "mine", "mine", false, "own"],
    ["another's, to a state from before there were owners", "other", null, false, "foreign"],
    ["another's", "other", "mine", false, "foreign"],
    ["another's, which was imported", "other", null, true, "free"],
    ["another's again, after it had been imported and taken over", "other", "mine", true, "foreign"],
  ] as const)("%s", (_name, registered, owner, isImported, expected) => {
    const privateState = openPrivateState("");
    if (isImported) markImported(privateState);
    expect(standing(registered, { owner }, privateState)).toBe(expected);
  });
});

test("a state without an owner plans to get one; a create and an owner plan nothing", () => {
  expect(foreseenOwner({ owner: null })).toEqual({ owner: UNKNOWN });
  expect(foreseenOwner({ owner: "mine" })).toEqual({});
  expect(foreseenOwner(null)).toEqual({});
});
