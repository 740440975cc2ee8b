import { describe, expect, test } from "@jest/globals";
import { Value } from "@sinclair/typebox/value";
import { isSameContent, jobOf, revisionJobId } from "../../../../agent/contract/job-definition.js";
import { JobDefinitionItem, JobItem } from "../../../../agent/contract/registry.js";

const AT = new Date("2026-01-01T00:00:00Z");
const DEFINITION: JobDefinitionItem = {
  id: "d-1",
  clusterUuid: "0b9b4a3e-6f0e-4a52-9d3c-0f6a1b2c3d4e",
  name: "nightly",
  revision: 2,
  request: { command: ["pi.py"], timeoutSeconds: 60 },
  triggers: { input: "1" },
  run: "on_change",
  createdAt: AT.toISOString(),
  updatedAt: AT.toISOString(),
};

describe("a job of a definition", () => {
  test("is a valid job that says what it is of; so is the definition valid", () => {
    expect([...Value.Errors(JobDefinitionItem, DEFINITION)]).toEqual([]);
    const run = jobOf(DEFINITION, AT);
    expect([...Value.Errors(JobItem, run)]).toEqual([]);
    expect(run).toMatchObject({
      definition: { id: "d-1", name: "nightly", revision: 2 },
      request: DEFINITION.request,
      status: "NEW",
    });
  });

  test("of the same revision is the same job, whenever it is submitted", () => {
    expect(jobOf(DEFINITION, new Date(0)).id).toBe(jobOf(DEFINITION, AT).id);
    expect(jobOf(DEFINITION, AT).id).toBe(revisionJobId(DEFINITION));
  });

  test.each<[string, Partial<JobDefinitionItem>]>([
    ["another revision", { revision: 3 }],
    ["a definition that was made anew under the same name", { id: "d-2" }],
  ])("is another job for %s", (_name, change) => {
    expect(revisionJobId({ ...DEFINITION, ...change })).not.toBe(revisionJobId(DEFINITION));
  });

  test("by hand is a job of its own", () => {
    const run = jobOf(DEFINITION, AT, "by-hand");
    expect(run.id).not.toBe(revisionJobId(DEFINITION));
    expect(run.definition).toEqual({ id: "d-1", name: "nightly", revision: 2 });
  });
});

describe("what a definition runs", () => {
  const { request, triggers } = DEFINITION;
  test.each([
    ["the same", { request: { timeoutSeconds: 60, command: ["pi.py"] }, triggers: { input: "1" } }, true],
    ["another command", { request: { ...request, command: ["e.py"] }, triggers }, false],
    ["another trigger's value", { request, triggers: { input: "2" } }, false],
    ["another trigger", { request, triggers: { output: "1" } }, false],
    ["one trigger less", { request, triggers: {} }, false],
  ])("%s", (_name, other, expected) => expect(isSameContent(DEFINITION, other)).toBe(expected));
});
