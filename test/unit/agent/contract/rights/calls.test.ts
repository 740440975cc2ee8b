import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import {
  ACCOUNT_ACTIONS,
  COMMAND_ACTIONS,
  CONNECT_ACTIONS,
  IMPLIED_ACTIONS,
  PROVIDER_ACTIONS,
  SELF_CHECK_ACTIONS,
} from "../../../../../agent/contract/rights/callers.js";
import { RIGHT_GROUPS } from "../../../../../agent/contract/rights/policy.js";
import { ACCOUNT_STACK_TYPES, STACK_ACTIONS } from "../../../../../agent/contract/rights/stack-actions.js";
import { fileImports, trackedFiles } from "../../../../support/docs/import-graph.js";
import { rightsOfCalls } from "../../../../support/docs/sdk-calls.js";

const PACKAGES = Object.fromEntries(
  [
    "client-auto-scaling",
    "client-cloudwatch",
    "client-cloudwatch-logs",
    "client-dynamodb",
    "client-ec2",
    "client-efs",
    "client-iam",
    "client-kms",
    "client-pricing",
    "client-s3",
    "client-service-quotas",
    "client-ssm",
    "client-sts",
    "lib-dynamodb",
  ].map((name) => [name, require(`@aws-sdk/${name}`) as object]),
);
const sources = (folder: string): readonly string[] =>
  trackedFiles(folder).filter((file) => file.endsWith(".ts"));

/** The files of agent/aws that the commands bring with them, and what these import there. */
function agentFilesOfCommands(): readonly string[] {
  const imports = fileImports("scripts/cli", "agent/aws");
  const found = new Set<string>();
  const follow = (from: string): void => {
    for (const { to } of imports.filter((one) => one.from === from))
      if (to.startsWith("agent/aws/") && !found.has(to)) {
        found.add(to);
        follow(to);
      }
  };
  for (const file of sources("scripts/cli")) follow(file);
  return [...found];
}

/** Made with the keys that `muster account connect` is given, or with the caller's own credentials, before there is a role. */
const OUTSIDE_THE_ROLE = "scripts/cli/access/account-calls.ts";
const stackTypes = (): readonly string[] => {
  const types = sources("stacks").flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/"@cdktf\/provider-aws\/lib\/([a-z0-9-]+)\/index\.js"/g)].map(
      ([, name = ""]) => name,
    ),
  );
  return [...new Set(types)]
    .filter((name) => name !== "provider")
    .map((name) => name.replaceAll("-", "_"))
    .map((name) => (name.startsWith("data_") ? `data.${name.slice("data_".length)}` : `aws_${name}`))
    .sort();
};

describe("the table of calls and rights", () => {
  test("has every call of the provider, and no other", () => {
    const sdk = sources("provider/aws/sdk");
    const made = rightsOfCalls(sources("provider"), PACKAGES, sdk).filter(
      (right) => right !== "sts:AssumeRole",
    );
    expect(PROVIDER_ACTIONS).toEqual(made);
  });

  test("has every call that the commands make through the role, and no other", () => {
    const files = [...sources("scripts/cli"), ...agentFilesOfCommands()].filter(
      (file) => file !== OUTSIDE_THE_ROLE,
    );
    const made = rightsOfCalls(files, PACKAGES).filter((right) => right !== "sts:AssumeRole");
    expect(COMMAND_ACTIONS).toEqual(made);
  });

  test("has every call that `muster account` makes itself, and no other", () => {
    expect(ACCOUNT_ACTIONS).toEqual(rightsOfCalls([OUTSIDE_THE_ROLE], PACKAGES));
    const noRole = new Set(["sts:AssumeRole", "sts:GetCallerIdentity"]);
    expect([...SELF_CHECK_ACTIONS, ...CONNECT_ACTIONS].sort()).toEqual(
      ACCOUNT_ACTIONS.filter((action) => !noRole.has(action)),
    );
  });

  test("has every type that the stacks declare, and no other", () => {
    const own = Object.keys(STACK_ACTIONS).map((type) =>
      type.startsWith("data.") ? `data.${type.slice("data.".length)}` : type,
    );
    expect([...own, ...ACCOUNT_STACK_TYPES].sort()).toEqual(stackTypes());
  });

  test("the role's policy allows exactly what is called, each action", () => {
    const called = new Set([
      ...Object.values(STACK_ACTIONS).flat(),
      ...PROVIDER_ACTIONS,
      ...COMMAND_ACTIONS,
      ...IMPLIED_ACTIONS,
      ...SELF_CHECK_ACTIONS,
    ]);
    const allowed = new Set(RIGHT_GROUPS.flatMap(({ actions }) => actions));
    expect([...allowed].filter((action) => !called.has(action)).sort()).toEqual([]);
    expect([...called].filter((action) => !allowed.has(action)).sort()).toEqual([]);
  });
});
