import { describe, expect, test } from "@jest/globals";
import { EVENT_CODES, EVENT_DAYS, EVENTS, eventItem } from "../../../../agent/contract/event.js";
import { eventsQuery, placeAfter, placeAt } from "../../../../agent/contract/events-query.js";

const AT = new Date("2026-11-26T10:00:00.000Z");
const item = eventItem({ code: "parked", text: "why" }, "x1", AT);

describe("an event", () => {
  test.each(EVENT_CODES)("%s is explained in a sentence", (code) => {
    expect(EVENTS[code]).toMatch(/^[A-Z].*\.$/);
  });

  test("is deleted by DynamoDB after 30 days", () => {
    const ms = item.expiresAtSeconds * 1_000 - AT.getTime();
    expect(ms).toBe(EVENT_DAYS * 24 * 3_600 * 1_000);
    expect(EVENT_DAYS).toBe(30);
  });

  test("is before the place after it, and after the place of its time", () => {
    const range = (after: string) => {
      const values = eventsQuery("u", { after }).ExpressionAttributeValues;
      return placeAfter(item) >= values[":after"] && placeAfter(item) <= values[":end"];
    };
    expect(range("")).toBe(true);
    expect(range(placeAt(AT))).toBe(true);
    expect(range(placeAfter(item))).toBe(false);
    expect(range(placeAt(new Date(AT.getTime() + 1)))).toBe(false);
  });
});
