import { describe, expect, test } from "@jest/globals";
import { parseMusterConfig } from "../../../../stacks/config/load.js";
import { synthesise } from "../../../support/stacks/synth.js";

const file = (...definitions: string[]) =>
  [
    "org: {name: demo, region: us-east-1}",
    "clusters:",
    "- name: alpha",
    "  nodes: 2",
    "  dedicated: true",
    "  jobDefinitions:",
    ...definitions.map((definition) => `  - ${definition}`),
  ].join("\n");
const ONCE = "{name: once, command: [-m, once]}";
const BY_HAND = "{name: report, command: [-m, report], run: manual}";

describe("a cluster that is made for a job", () => {
  test("is known to the job's definition, and to no other", () => {
    const resources = synthesise(file(ONCE, BY_HAND))["muster_demo_alpha"]?.json.resource ?? {};
    const definitions = Object.values(resources["muster_job_definition"] ?? {});
    expect(definitions.map(({ name, dedicated }) => [name, dedicated])).toEqual([
      ["once", true],
      ["report", undefined],
    ]);
  });

  test.each([
    ["no job that deploy submits", [BY_HAND], "got true with 0 job definitions that have run on_change"],
    [
      "two of them",
      [ONCE, "{name: twice, command: [-m, twice]}"],
      "got true with 2 job definitions that have run on_change; allowed: with exactly one",
    ],
    [
      "a schedule",
      [ONCE, '{name: later, command: [-m, later], run: manual, schedule: {cron: "0 6 * * *"}}'],
      "clusters[0].jobDefinitions[1].schedule: allowed: only on a cluster without dedicated: true",
    ],
  ])("is refused with %s", (_name, definitions, message) => {
    expect(() => parseMusterConfig(file(...definitions), "/project/muster.yaml")).toThrow(message);
  });

  test("has no second problem where the schema refused what it runs", () => {
    const text = file("{name: once, command: [-m, once], run: sometimes}");
    expect(() => parseMusterConfig(text, "/project/muster.yaml")).toThrow(/^1 problem in/);
  });
});
