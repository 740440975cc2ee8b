import { describe, expect, test } from "@jest/globals";
import { eventItem } from "../../../../agent/contract/event.js";
import { eventsQuery } from "../../../../agent/contract/events-query.js";
import { readListQuery } from "../../../../agent/contract/http.js";
import { IMAGE_TAG, parseImageId, taggedRegions } from "../../../../agent/contract/image/names.js";

describe("a list of jobs is asked for", () => {
  test.each([
    ["without a word", {}, { status: null, limit: 20 }],
    ["with a status", { status: "FAILED" }, { status: "FAILED", limit: 20 }],
    ["with one job", { limit: "1" }, { status: null, limit: 1 }],
    ["with as many as it may have", { limit: "200" }, { status: null, limit: 200 }],
  ])("%s", (_name, query, expected) => {
    expect(readListQuery(query)).toEqual(expected);
  });

  test.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    [
      "one more",
      { limit: "201" },
      /^querystring\.limit: got .*201.*; expected a whole number from 1 to 200$/,
    ],
    ["none", { limit: "0" }, /^querystring\.limit/],
    ["a number that is none", { limit: "1e2" }, /^querystring\.limit/],
    ["a limit twice", { limit: ["5"] }, /^querystring\.limit/],
    ["a status that there is not", { status: "DONE" }, /^querystring\.status: got .*DONE.*; expected NEW, /],
    ["a parameter that there is not", { page: "2" }, /page: is no parameter; there are status and limit$/],
  ])("and refuses %s", (_name, query, problem) => {
    expect(readListQuery(query)).toEqual({ problems: [expect.stringMatching(problem)] });
  });
});

describe("an event", () => {
  const at = new Date("2026-01-01T00:00:00.500Z");
  test("is kept for thirty days, in whole seconds", () => {
    const { expiresAtSeconds } = eventItem({ code: "parked", text: "it" }, "a", at);
    expect(new Date(expiresAtSeconds * 1_000).toISOString()).toBe("2026-01-31T00:00:00.000Z");
  });

  test("keeps the end of a long detail", () => {
    const detail = `begin${"x".repeat(32_768 - 3)}end`;
    expect(eventItem({ code: "parked", text: "it", detail }, "a", at).detail).toBe(detail.slice(5));
    expect(eventItem({ code: "parked", text: "it" }, "a", at)).not.toHaveProperty("detail");
  });

  test("is asked for with the oldest first, or with the newest", () => {
    const order = (isNewestFirst?: boolean) =>
      eventsQuery("u", { after: "", ...(isNewestFirst === undefined ? {} : { isNewestFirst }) })
        .ScanIndexForward;
    expect([order(), order(false), order(true)]).toEqual([true, true, false]);
  });
});

describe("an image", () => {
  test("is in the regions that its tag names", () => {
    expect(taggedRegions({})).toEqual([]);
    expect(taggedRegions({ [IMAGE_TAG.REGIONS]: "" })).toEqual([]);
    expect(taggedRegions({ [IMAGE_TAG.REGIONS]: "us-east-1 eu-west-1" })).toEqual(["us-east-1", "eu-west-1"]);
  });

  test("has an id of three parts", () => {
    expect(parseImageId("muster")).toBeNull();
    expect(parseImageId("muster-1.2.3")).toBeNull();
  });
});
