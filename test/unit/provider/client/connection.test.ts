import { describe, expect, test } from "@jest/globals";
import { connectionFrom, unknownConfiguration } from "../../../../provider/client/connection.js";
import { providerSchema } from "../../../../provider/client/schema.js";
import type { Config, State } from "../../../../provider/core/types.js";
import { checkConfig } from "../../../../provider/core/validate.js";
import { type ObjectValue, UNKNOWN } from "../../../../provider/core/value.js";

type ProviderConfig = State<typeof providerSchema>;
const ROLE = { role_arn: "arn:aws:iam::123456789012:role/deploy", external_id: null, session_name: null };
const KEYS = { AWS_ACCESS_KEY_ID: "AKIA", AWS_SECRET_ACCESS_KEY: "x" };
const NO_ENDPOINTS = { autoscaling: null, dynamodb: null, ec2: null, ssm: null, sts: null };
const config = (more: Partial<ProviderConfig> = {}): ProviderConfig => ({
  org: "acme",
  region: "eu-west-1",
  profile: null,
  sts_region: null,
  max_retries: null,
  assume_role: null,
  default_tags: null,
  endpoints: null,
  allowed_account_ids: null,
  forbidden_account_ids: null,
  ...more,
});

describe("connectionFrom", () => {
  test.each([
    ["the environment's region", { region: null }, { AWS_REGION: "us-east-2" }, { region: "us-east-2" }],
    ["its default one", { region: null }, { AWS_DEFAULT_REGION: "us-east-1" }, { region: "us-east-1" }],
    [
      "its default one where the other is empty",
      { region: null },
      { AWS_REGION: "", AWS_DEFAULT_REGION: "us-east-1" },
      { region: "us-east-1" },
    ],
    ["the given region first", {}, { AWS_REGION: "us-east-2" }, { region: "eu-west-1" }],
    ["ten attempts", {}, {}, { maxAttempts: 10 }],
    ["the environment's attempts", {}, { AWS_MAX_ATTEMPTS: "2" }, { maxAttempts: undefined }],
    [
      "the endpoints that are given",
      { endpoints: { ...NO_ENDPOINTS, ssm: "http://x:1" } },
      {},
      { endpoints: { ssm: "http://x:1" } },
    ],
    ["no endpoint where none is given", {}, {}, { endpoints: {} }],
    [
      "the rules of accounts",
      { allowed_account_ids: ["1"], forbidden_account_ids: ["2"] },
      {},
      { accounts: { allowed: ["1"], forbidden: ["2"] } },
    ],
    ["keys in the environment", {}, KEYS, { credentialsAreSet: true }],
    ["no half of them", {}, { ...KEYS, AWS_SECRET_ACCESS_KEY: "" }, { credentialsAreSet: false }],
    ["a profile before them", {}, { ...KEYS, AWS_PROFILE: "deploy" }, { credentialsAreSet: false }],
    ["the given profile before them", { profile: "deploy" }, KEYS, { credentialsAreSet: false }],
    ["the given role", { assume_role: { ...ROLE, duration: null } }, KEYS, { credentialsAreSet: false }],
    ["the given retries first", { max_retries: 0 }, { AWS_MAX_ATTEMPTS: "2" }, { maxAttempts: 1 }],
    [
      "a role's whole session",
      { assume_role: { ...ROLE, external_id: "x-1", duration: "1h30m" } },
      {},
      {
        assumeRole: {
          roleArn: ROLE.role_arn,
          externalId: "x-1",
          sessionName: "terraform-provider-muster",
          durationSeconds: 5400,
        },
      },
    ],
  ])("takes %s", (_name, more, env, expected) => {
    expect(connectionFrom(config(more as Partial<ProviderConfig>), env)).toMatchObject(expected);
  });

  test("fails without a region", () => {
    expect(() => connectionFrom(config({ region: null }), { AWS_REGION: "" })).toThrow("No AWS region");
  });
});

describe("unknownConfiguration", () => {
  test("names every unknown value, once for all who ask", () => {
    const unknown: Config<typeof providerSchema> = {
      ...config(),
      profile: UNKNOWN,
      assume_role: { ...ROLE, role_arn: UNKNOWN, duration: null },
    };
    const failure = unknownConfiguration(unknown);
    expect(failure?.isCommon).toBe(true);
    expect(failure?.diagnostics).toHaveLength(1);
    expect(failure?.diagnostics[0]?.detail).toMatch(/^profile, assume_role\.role_arn of provider "muster"/);
  });

  test("names a set for an unknown element: the rule would refuse every account, or none", () => {
    const unknown: Config<typeof providerSchema> = {
      ...config(),
      allowed_account_ids: ["123456789012", UNKNOWN],
    };
    expect(unknownConfiguration(unknown)?.message).toContain('allowed_account_ids of provider "muster"');
  });

  test("has nothing to say where all is known", () => {
    expect(unknownConfiguration(config({ forbidden_account_ids: ["123456789012"] }))).toBeNull();
  });
});

describe("the provider's schema", () => {
  const problems = (value: ObjectValue) =>
    checkConfig(providerSchema, value).map(({ path, detail }) => [path, detail]);

  test("names every problem with its path", () => {
    const wrong: ObjectValue = {
      org: "A",
      region: "moon",
      profile: " ",
      max_retries: 101,
      allowed_account_ids: ["123456789012", "1234"],
      forbidden_account_ids: [UNKNOWN, "x"],
      endpoints: { dynamodb: "localhost:8000", ec2: "ftp://x", ssm: "https://:p@x", sts: "http://x/?a" },
      assume_role: { role_arn: "deploy", external_id: "?", session_name: "a b", duration: "13h" },
    };
    expect(problems(wrong).map(([path]) => path)).toEqual([
      ["org"],
      ["region"],
      ["profile"],
      ["max_retries"],
      ["allowed_account_ids"],
      ["forbidden_account_ids"],
      ["endpoints", "dynamodb"],
      ["endpoints", "ec2"],
      ["endpoints", "ssm"],
      ["endpoints", "sts"],
      ["assume_role", "role_arn"],
      ["assume_role", "external_id"],
      ["assume_role", "session_name"],
      ["assume_role", "duration"],
    ]);
    expect(problems(wrong).at(-1)?.[1]).toContain('must be from "15m" to "12h"');
  });

  test("takes what is right, and what is not known yet", () => {
    expect(problems(config({ assume_role: { ...ROLE, duration: "15m" } }) as ObjectValue)).toEqual([]);
    expect(problems({ org: UNKNOWN, profile: UNKNOWN, assume_role: { role_arn: UNKNOWN } })).toEqual([]);
    expect(problems({ org: "acme", assume_role: UNKNOWN, endpoints: UNKNOWN })).toEqual([]);
    const endpoints = { dynamodb: "http://127.0.0.1:8000", sts: "https://sts.eu-west-1.amazonaws.com/path" };
    expect(problems({ org: "acme", endpoints, allowed_account_ids: ["123456789012", UNKNOWN] })).toEqual([]);
  });
});
