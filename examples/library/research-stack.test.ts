import assert from "node:assert/strict";
import { test } from "node:test";
import { type App, Testing } from "cdktf";
import { ConfigError } from "muster/stacks";
import { ResearchStack } from "./research-stack.ts";

type Resources = Record<string, Record<string, Record<string, unknown>>>;

const resourcesOf = (nodes: number): Resources => {
  const app: App = Testing.app();
  const stack = new ResearchStack(app, "research", { org: "demo", region: "us-east-1", nodes });
  return (JSON.parse(Testing.synth(stack)) as { resource: Resources }).resource;
};

test("the stack has one cluster of the size that was asked for, and our own parameter", () => {
  const resources = resourcesOf(3);
  const [fleet] = Object.values(resources["muster_fleet"] ?? {});
  assert.equal(fleet?.["nodes"], 3);
  const [parameter] = Object.values(resources["aws_ssm_parameter"] ?? {});
  assert.match(String(parameter?.["value"]), /^\/shared\/\.hostfile-\$\{muster_cluster\..*\.uuid\}$/);
});

test("a number of nodes that can't be used fails at once, with the rule", () => {
  assert.throws(
    () => resourcesOf(0),
    (error) => error instanceof ConfigError && /nodes/.test(error.message),
  );
});
