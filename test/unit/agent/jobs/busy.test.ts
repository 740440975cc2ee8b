import { describe, expect, test } from "@jest/globals";
import { createBusyRule } from "../../../../agent/jobs/busy.js";
import { queuedJob } from "../../../support/agent/jobs.js";

const AT = "2026-01-01T00:00:00Z";
const seconds = (count: number) => new Date(Date.parse(AT) + count * 1_000);
let clock = AT;
const rule = () => createBusyRule({ now: () => new Date(clock) });
const waiting = (key: string, second = 0, ifBusy: "queue" | "refuse" = "refuse") =>
  queuedJob(key, { ifBusy }, seconds(second).toISOString());

describe("the head refuses a job that does not wait", () => {
  test("when it was in the queue while another one was started", () => {
    const [first, other, late] = [waiting("a"), waiting("b"), waiting("c", 1)];
    const busy = rule();
    expect(busy.refusal(first)).toBeNull();
    busy.started(first.id, [first, other]);
    expect(busy.refusal(first)).toBeNull();
    expect(busy.refusal(other)).toMatchObject({
      reasonCode: "cluster-busy",
      reason: expect.stringContaining(first.id),
    });
    expect(busy.refusal(late)).toBeNull();
  });

  test("when it was there long before another one ended, whatever the queue showed", () => {
    const busy = rule();
    busy.started("job-a", []);
    clock = seconds(120).toISOString();
    busy.ended("job-a");
    expect(busy.refusal(waiting("b", 30))).toMatchObject({ reasonCode: "cluster-busy" });
    // The submitter's clock may differ from the head's by so much.
    for (const second of [60, 61]) expect(busy.refusal(waiting("c", second))).toBeNull();
    expect(busy.refusal(waiting("d", 300))).toBeNull();
  });

  test("but none that waits, or is on its way already", () => {
    const [first, patient] = [waiting("a"), waiting("b", 0, "queue")];
    const adopted = { ...waiting("c"), phase: "running" as const };
    const busy = rule();
    busy.started(first.id, [first, patient, adopted]);
    expect(busy.refusal(patient)).toBeNull();
    expect(busy.refusal(adopted)).toBeNull();
  });
});
