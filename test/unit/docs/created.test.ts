import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { Testing } from "cdktf";
import { AccountStack } from "../../../stacks/account-stack.js";
import { quotedIn, tableRows } from "../../support/docs/tables.js";
import { synthesise, testApp } from "../../support/stacks/synth.js";

const guide = readFileSync(resolve(__dirname, "../../../docs/guides/created.md"), "utf8");

/** All that makes a stack declare something more. */
const EVERYTHING = `
org: { name: demo, region: us-east-1, logs: { accessLogBucket: acme-access, expireAfterDays: 90 } }
images: [{ family: mpi, version: "1.0.0" }]
clusters:
  - name: alpha
    nodes: 2
    access:
      sshKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA5WL4eQCxdgT+wS2rAle7nNm8Bq2V1ttlTrnF+XwQnZ ada@example.com"]
      allowFrom: [203.0.113.7/32]
    monitoring: { dashboard: true, alarms: { afterMinutes: 15 } }
    notebooks: [{ name: explore }]
    jobDefinitions: [{ name: nightly, command: a.py, schedule: { cron: "30 6 * * *" }, run: manual }]
`;
const stacks = synthesise(EVERYTHING);
const typesOf = (stack: string): string[] => Object.keys(stacks[stack]?.json.resource ?? {}).sort();
const accountTypes = (): string[] => {
  const stack = new AccountStack(testApp(), "muster_demo_account", {
    ...{ orgName: "demo", region: "us-east-1", accountId: "123456789012", principal: "210987654321" },
    ...{ externalId: "x-1", pipeline: { issuer: "github", repository: "acme/clusters" } },
    state: { type: "s3", bucket: "acme-terraform-state", region: "us-east-1", prefix: "muster" },
  });
  return Object.keys((JSON.parse(Testing.synth(stack)) as { resource: object }).resource).sort();
};

const written = (heading: string): string[] =>
  tableRows(guide, heading)
    .flatMap(([types = ""]) => quotedIn(types))
    .sort();

describe("the guide to what is created", () => {
  test.each([
    ["## The org: stack `muster_ORG`", "muster_demo"],
    ["## Each cluster: stack `muster_ORG_CLUSTER`", "muster_demo_alpha"],
    ["## Each notebook: stack `muster_ORG_notebook_NAME`", "muster_demo_notebook_explore"],
    ["## Each image: stack `muster_ORG_image_FAMILY`", "muster_demo_image_mpi"],
  ])("%s has each type of the stack %s, and no other", (heading, stack) => {
    expect(typesOf(stack).length).toBeGreaterThan(4);
    expect(written(heading)).toEqual(typesOf(stack));
  });

  test("has each type of the role's stack, and no other", () => {
    expect(written("## The role into another account")).toEqual(accountTypes());
  });

  test("has a part for each kind of stack that a muster.yaml makes", () => {
    expect(Object.keys(stacks).sort()).toEqual([
      "muster_demo",
      "muster_demo_alpha",
      "muster_demo_image_mpi",
      "muster_demo_notebook_explore",
    ]);
  });

  test("says of each why it is there", () => {
    const rows = guide.split("\n").filter((line) => line.startsWith("| `"));
    expect(rows.length).toBeGreaterThan(25);
    for (const row of rows) expect(row).toMatch(/^\| [^|]+ \| \S[^|]+\S \|$/);
  });
});
