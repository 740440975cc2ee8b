import { describe, expect, test } from "@jest/globals";
import { SSH_KEY_LIMITS } from "../../../../agent/contract/ssh-access.js";
import { isPublic } from "../../../../stacks/config/access.js";
import { accessProblems } from "../../../../stacks/config/access-rules.js";
import { accountOfArn } from "../../../../stacks/config/account.js";
import { accountProblems } from "../../../../stacks/config/account-rules.js";
import { completeCluster, completeNotebook } from "../../../../stacks/config/cluster.js";
import { hasEfa, typesWithEfaNear } from "../../../../stacks/config/efa-types.js";
import { hasEndpoints } from "../../../../stacks/config/existing-network.js";
import { runtimeOf, typesOf, zonesOf } from "../../../../stacks/config/fleet.js";

const KEY = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${"A".repeat(43)}`;
const said = (access: Parameters<typeof accessProblems>[0]) =>
  accessProblems(access, ["access"]).map(({ path, message }) => `${path.join(".")}: ${message}`);

describe("access", () => {
  test.each<[string, Parameters<typeof accessProblems>[0], readonly string[]]>([
    ["that is not given has no problem", undefined, []],
    ["that is empty neither", {}, []],
    [
      "with lists whose values are refused elsewhere neither",
      { sshKeys: [undefined], allowFrom: [undefined] },
      [],
    ],
    ["for keys without ranges neither", { sshKeys: [KEY] }, []],
    [
      "from a range without keys has one",
      { allowFrom: ["203.0.113.7/32"] },
      [
        "access.sshKeys: is empty, but allowFrom is not: add the public keys of those who may log in, or leave allowFrom out",
      ],
    ],
    ["from a /8", { sshKeys: [KEY], allowFrom: ["8.0.0.0/8"] }, []],
    [
      "from a /7",
      { sshKeys: [KEY], allowFrom: ["8.0.0.0/7"] },
      [
        'access.allowFrom.0: got "8.0.0.0/7"; allowed: a range of /8 or narrower; to let in this much of the internet, set allowFromAnywhere: true',
      ],
    ],
    ["from anywhere, said", { sshKeys: [KEY], allowFrom: ["0.0.0.0/0"], allowFromAnywhere: true }, []],
    [
      "from an address",
      { sshKeys: [KEY], allowFrom: ["203.0.113.7"] },
      ['access.allowFrom.0: got "203.0.113.7"; allowed: a range; did you mean 203.0.113.7/32?'],
    ],
    [
      "from a name",
      { sshKeys: [KEY], allowFrom: ["home"] },
      ['access.allowFrom.0: got "home"; allowed: an IPv4 range such as 203.0.113.7/32'],
    ],
    [
      "from the middle of a range",
      { sshKeys: [KEY], allowFrom: ["203.0.113.7/24"] },
      [
        'access.allowFrom.0: got "203.0.113.7/24"; allowed: the range\'s first address; did you mean 203.0.113.0/24?',
      ],
    ],
  ])("%s", (_name, access, problems) => {
    expect(said(access)).toEqual(problems);
  });

  test("for as many bytes of keys as there may be, and for none more", () => {
    const keys = (bytes: number) => [KEY, KEY, KEY, `${KEY} ${"c".repeat(bytes - 4 * KEY.length - 4)}`];
    expect(said({ sshKeys: keys(SSH_KEY_LIMITS.bytes) }).filter((line) => line.includes("bytes"))).toEqual(
      [],
    );
    expect(said({ sshKeys: keys(SSH_KEY_LIMITS.bytes + 1) })).toContainEqual(
      expect.stringContaining("take 6001 bytes; allowed: 6000 together"),
    );
  });

  test.each<[readonly string[], boolean]>([
    [[], false],
    [["10.0.0.0/8", "192.168.0.0/16"], false],
    [["not a range"], false],
    [["10.0.0.0/8", "203.0.113.7/32"], true],
  ])("from %j comes from the internet: %s", (allowFrom, expected) => {
    expect(isPublic({ allowFrom: [...allowFrom] })).toBe(expected);
  });
});

describe("an account", () => {
  const roleArn = "arn:aws:iam::123456789012:role/muster";
  const keys = (account: NonNullable<Parameters<typeof accountProblems>[0]["account"]>) =>
    accountProblems({ account }).map(({ path }) => path.join("."));

  test("is named by its role's ARN", () => {
    expect([accountOfArn(roleArn), accountOfArn("none")]).toEqual(["123456789012", ""]);
  });

  test.each([
    ["nothing", {}, []],
    ["its number alone", { id: "123456789012" }, []],
    ["a region without a role", { region: "us-east-1" }, ["account.region"]],
    ["a role and its external id", { roleArn, externalId: "x" }, []],
    ["a role without one", { roleArn }, ["account.externalId"]],
    ["a role of that account", { roleArn, externalId: "x", id: "123456789012" }, []],
    ["a role of another", { roleArn, externalId: "x", id: "210987654321" }, ["account.id"]],
  ])("with %s", (_name, account, expected) => {
    expect(keys(account)).toEqual(expected);
  });
});

describe("a cluster's fleet", () => {
  test.each([
    [{}, "mpich"],
    [{ efa: false }, "mpich"],
    [{ efa: true }, "intel"],
    [{ runtime: "mpich", efa: true }, "mpich"],
    [{ runtime: "intel" }, "intel"],
  ] as const)("with %j has %s", (given, expected) => {
    expect(runtimeOf(given as Parameters<typeof runtimeOf>[0])).toBe(expected);
  });

  test("is of its types and zones, or of the one of each", () => {
    const one = { instanceType: "c5.large", zone: 1 } as const;
    expect([typesOf(one), zonesOf(one)]).toEqual([["c5.large"], [1]]);
    expect(typesOf({ ...one, instanceTypes: ["m5.large", "c5.large"] })).toEqual(["m5.large", "c5.large"]);
    expect(zonesOf({ ...one, zones: [2, 1] })).toEqual([2, 1]);
  });

  test.each([
    ["c5.large", false],
    ["c5n.18xlarge", true],
    ["c99n.18xlarge", null],
    ["new1.large", null],
  ])("of %s has an EFA: %s", (type, expected) => {
    expect(hasEfa(type)).toBe(expected);
  });

  test("that wants an EFA of a series of none is told of the HPC types first", () => {
    expect(typesWithEfaNear("t3.large").every((type) => type.startsWith("hpc"))).toBe(true);
    expect(typesWithEfaNear("c5.large")[0]).toMatch(/^c5n\./);
  });
});

test.each([
  ["of our own", {}, true],
  ["that is there", { vpcId: "vpc-1" }, false],
  ["that is there, with route tables for them", { vpcId: "vpc-1", endpointRouteTableIds: ["rtb-1"] }, true],
])("a network %s has gateway endpoints: %s", (_name, network, expected) => {
  expect(hasEndpoints(network)).toBe(expected);
});

describe("settings that code gives", () => {
  test("have muster.yaml's defaults, and are refused as there", () => {
    expect(completeCluster({ name: "alpha", nodes: 2 })).toMatchObject({ name: "alpha", nodes: 2, zone: 1 });
    expect(() => completeCluster({ name: "Alpha!", nodes: 2 })).toThrow(/cluster Alpha!/);
    expect(completeNotebook({ name: "explore" }, "c5.large")).toMatchObject({ name: "explore" });
    expect(() => completeNotebook({ name: "explore", instanceType: "mac1.metal" }, "c5.large")).toThrow(
      /notebook explore/,
    );
  });
});
