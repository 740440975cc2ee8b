import { describe, expect, test } from "@jest/globals";
import { loadMusterConfig, parseMusterConfig } from "../../../../stacks/config/load.js";
import { ConfigError } from "../../../../stacks/config/problem.js";

const FILE = "/project/muster.yaml";
const MINIMAL = "org: {name: demo, region: us-east-1}\n";

/** The lines of the error, without the title. */
test("what is wrong with a value and with what is in it comes together", () => {
  const text =
    "org: {name: acme, region: us-east-1}\nclusters: [{name: alpha, nodes: 1, image: {id: 3, family: 4}}]";
  expect(problemsOf(text)).toEqual([
    expect.stringContaining("clusters[0].image: got"),
    expect.stringContaining("clusters[0].image.family: must be text"),
    expect.stringContaining("clusters[0].image.id: must be text"),
  ]);
});

function problemsOf(text: string): string[] {
  try {
    parseMusterConfig(text, FILE);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n").slice(1);
    throw error;
  }
  return [];
}
const withOrg = (more: string): string => `org:\n  name: demo\n  region: us-east-1\n${more}`;
const withCluster = (more: string): string => `${MINIMAL}clusters:\n- name: alpha\n  nodes: 4\n${more}`;

describe("a good muster.yaml", () => {
  test("gets every default and is frozen", () => {
    // WHEN
    const config = parseMusterConfig(`${MINIMAL}clusters: [{name: alpha, nodes: 4}]`, FILE);
    // THEN
    expect(config).toEqual({
      images: [],
      org: {
        name: "demo",
        region: "us-east-1",
        network: { cidr: "10.20.0.0/16" },
        logs: { keep: false },
        tags: {},
      },
      state: { type: "local", folder: "/project/muster-state" },
      preflight: { enabled: true, skip: [] },
      clusters: [
        {
          cluster: {
            name: "alpha",
            nodes: 4,
            instanceType: "c5.xlarge",
            image: { family: "mpi" },
            zone: 1,
            efa: false,
            replacement: { afterMinutes: 5, bootMinutes: 15 },
            rootVolumeGiB: 30,
            spot: false,
            sourceBuckets: [],
            gitCredentials: [],
            ...{ countSshSessions: true, resumeOnJob: true },
            shareWithNotebooks: false,
            orgFolder: false,
            httpProbes: false,
            access: { sshKeys: [], allowFrom: [], allowFromAnywhere: false },
            timeoutMinutes: { create: 30, update: 30, delete: 20 },
            tags: {},
          },
          jobDefinitions: [],
          notebooks: [],
        },
      ],
    });
    expect(Object.isFrozen(config.clusters[0]?.cluster.timeoutMinutes)).toBe(true);
  });

  test("has an account where it names one, and else none", () => {
    const account = { id: "123456789012" };
    expect(parseMusterConfig(`${MINIMAL}account: {id: "123456789012"}`, FILE).account).toEqual(account);
    expect(parseMusterConfig(MINIMAL, FILE)).not.toHaveProperty("account");
  });

  test("needs no cluster", () => {
    expect(parseMusterConfig(MINIMAL, FILE).clusters).toEqual([]);
  });

  test.each([
    ["local, relative", "{path: tf}", { type: "local", folder: "/project/tf" }],
    ["local, absolute", "{path: /var/tf}", { type: "local", folder: "/var/tf" }],
    ["s3", "{type: s3, bucket: acme}", { type: "s3", bucket: "acme", region: "us-east-1", prefix: "muster" }],
    [
      "s3 elsewhere",
      "{type: s3, bucket: acme, region: eu-west-1, prefix: a/b}",
      { type: "s3", bucket: "acme", region: "eu-west-1", prefix: "a/b" },
    ],
  ])("state %s", (_name, state, expected) => {
    expect(parseMusterConfig(`${MINIMAL}state: ${state}`, FILE).state).toEqual(expected);
  });
});

describe("a bad value fails with its line, path, value and what is allowed", () => {
  test.each([
    [
      "org's name",
      "org: {name: Demo, region: us-east-1}",
      /^ {2}line 1: org\.name: got "Demo"; allowed: .*2-32 ch/,
    ],
    [
      "region",
      "org: {name: demo, region: us_east_1}",
      /line 1: org\.region: got "us_east_1"; .*e\.g\. us-east-1/,
    ],
    ["missing region", "org:\n  name: demo", /line 1: org\.region: is missing; needed: an AWS region/],
    ["missing org", "clusters: []", /line 1: org: is missing/],
    [
      "nodes below",
      withCluster("").replace("4", "0"),
      /line 4: clusters\[0\]\.nodes: got 0; .* from 1 to 1000/,
    ],
    [
      "nodes as text",
      withCluster("").replace("4", "four"),
      /clusters\[0\]\.nodes: must be a whole number from 1 to 1000; got the text "four"/,
    ],
    ["type's form", withCluster("  instanceType: large\n"), /line 5: .*instanceType: got "large"/],
    ["burstable type", withCluster("  instanceType: t3.large\n"), /got "t3\.large"; .*placement group/],
    [
      "flex type",
      withCluster("  instanceType: m7i-flex.large\n"),
      /got "m7i-flex\.large"; .*placement group/,
    ],
    [
      "Intel MPI on arm64",
      withCluster("  instanceType: c7gn.16xlarge\n  runtime: intel\n"),
      /line 6: clusters\[0\]\.runtime: got "intel"; allowed: mpich, .* c7gn\.16xlarge is arm64/,
    ],
    [
      "a job definition's Intel MPI on arm64",
      withCluster(
        "  instanceType: hpc7g.4xlarge\n  jobDefinitions: [{name: pi, command: -m b, runtime: intel}]\n",
      ),
      /jobDefinitions\[0\]\.runtime: got "intel"; allowed: mpich/,
    ],
    ["two images", withCluster("  image: {id: ami-01234567, family: mpi}\n"), /exactly one of family, id/],
    [
      "image id",
      withCluster("  image: {id: ami-xyz}\n"),
      /image\.id: got "ami-xyz"; .*ami-0123456789abcdef0/,
    ],
    ["no image", withCluster("  image: {}\n"), /image: got \{\}; allowed: exactly one of/],
    [
      "zone",
      withCluster("  zone: 3\n"),
      /clusters\[0\]\.zone: got 3; allowed: a whole number from 1 to 2 - (?!.*e\.g\. undefined)/,
    ],
    ["efa", withCluster("  efa: 1\n"), /clusters\[0\]\.efa: must be true or false; got the number 1/],
    ["timeout", withCluster("  timeoutMinutes: {create: 0}\n"), /timeoutMinutes\.create: got 0; .* 1 to 720/],
    [
      "clusters as a map",
      `${MINIMAL}clusters: {a: 1}`,
      /line 2: clusters: must be a list of 0 to 100; got the mapping \{"a":1\}/,
    ],
    ["tag key", withOrg("  tags: {aws:x: y}\n"), /line 4: org\.tags\.aws:x: not allowed as a key/],
    ["own tag key", withOrg("  tags: {muster:org: y}\n"), /not allowed as a key/],
    ["CIDR's form", withOrg("  network: {cidr: ten}\n"), /cidr: got "ten"; allowed: .*10\.20\.0\.0\/16/],
    ["CIDR's octet", withOrg("  network: {cidr: 10.256.0.0/16}\n"), /got "10\.256\.0\.0\/16"/],
    ["CIDR too wide", withOrg("  network: {cidr: 10.0.0.0/8}\n"), /from \/16 to \/24/],
    ["CIDR too narrow", withOrg("  network: {cidr: 10.0.0.0/25}\n"), /from \/16 to \/24/],
    ["CIDR with host bits", withOrg("  network: {cidr: 10.0.0.5/16}\n"), /did you mean 10\.0\.0\.0\/16\?/],
    ["public CIDR", withOrg("  network: {cidr: 8.8.0.0/16}\n"), /allowed: a range in 10\.0\.0\.0\/8/],
    [
      "one zone",
      withOrg("  network: {zones: [us-east-1a]}\n"),
      /zones: got \["us-east-1a"\]; allowed: a list of 2/,
    ],
    ["one zone twice", withOrg("  network: {zones: [us-east-1a, us-east-1a]}\n"), /zones\[1\]: .*two zones/],
    [
      "foreign zone",
      withOrg("  network: {zones: [us-east-1a, eu-west-1a]}\n"),
      /zones\[1\]: got "eu-west-1a"/,
    ],
    [
      "a zone that is none, beside one that is",
      withOrg("  network: {zones: [1, us-east-1b]}\n"),
      /zones\[0\]: must be text: write "1" in quotes/,
    ],
    [
      "no region, so that no zone can be held against it",
      "org: {name: demo, network: {zones: [us-east-1a, us-east-1b]}}",
      /org\.region: is missing/,
    ],
    ["s3 without bucket", `${MINIMAL}state: {type: s3}`, /state\.bucket: is missing/],
    [
      "s3 with path",
      `${MINIMAL}state: {type: s3, bucket: acme, path: x}`,
      /state\.path: .*only if state\.type is local/,
    ],
    ["local with bucket", `${MINIMAL}state: {bucket: acme}`, /state\.bucket: .*only if state\.type is s3/],
    ["state's type", `${MINIMAL}state: {type: gcs}`, /state\.type: got "gcs"; allowed: local or s3/],
    ["empty file", "", /\(the whole file\): is empty; declare an org/],
    ["not YAML", "org: [\n", /line 2: \(the whole file\): is not YAML/],
    [
      "key twice",
      `${MINIMAL}${MINIMAL}`,
      /line 2: \(the whole file\): is not YAML: the mapping has this key twice/,
    ],
    ["unknown alias", "org: *nobody", /line 1: .*\*nobody has no anchor above it/],
  ])("%s", (_name, text, expected) => {
    const problems = problemsOf(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(expected);
  });

  test("the same name twice", () => {
    const text = `${withCluster("")}- name: alpha\n  nodes: 1\n`;
    expect(problemsOf(text)).toEqual([
      '  line 5: clusters[1].name: got "alpha"; allowed: a name that no other cluster has (clusters[0] has this one)',
    ]);
  });

  test("more nodes than the zone's subnet has addresses", () => {
    // GIVEN a /24, whose quarters have 64 addresses, 5 of them AWS's and one the mount target's
    const text = (second: string) =>
      withOrg(
        `  network: {cidr: 10.0.0.0/24}\nclusters:\n- {name: alpha, nodes: 50}\n- {name: beta, nodes: 9${second}}\n`,
      );
    // THEN 58 fit, 59 do not, and the other zone has room of its own
    expect(problemsOf(text(""))).toEqual([
      expect.stringMatching(/line 5: clusters: got 59 nodes in zone 1; allowed: 58, .*\/26 subnet/),
    ]);
    expect(problemsOf(text(", zone: 2"))).toEqual([]);
    expect(problemsOf(text("").replace("nodes: 9", "nodes: 8"))).toEqual([]);
  });

  test("nodes with public addresses have a subnet of their own", () => {
    const key = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${"A".repeat(43)}`;
    const text = (nodes: number) =>
      withOrg(
        `  network: {cidr: 10.0.0.0/24}\nclusters:\n- {name: alpha, nodes: 58}\n- {name: beta, nodes: ${nodes}, access: {sshKeys: ["${key}"], allowFrom: [203.0.113.7/32]}}\n`,
      );
    expect(problemsOf(text(58))).toEqual([]);
    expect(problemsOf(text(59))).toEqual([
      expect.stringContaining("got 59 nodes with public addresses in zone 1; allowed: 58, "),
    ]);
  });

  test("the company's own network may have more addresses than Muster's default range", () => {
    const clusters = Array.from({ length: 17 }, (_, index) => `- {name: c${index}a, nodes: 1000}\n`).join("");
    const vpc = "  network: {vpcId: vpc-0123456789abcdef0, subnetIds: [subnet-0123456789abcdef0]}\n";
    expect(problemsOf(withOrg(`clusters:\n${clusters}`))).toEqual([
      expect.stringContaining("got 17000 nodes in zone 1; allowed: 16378, "),
    ]);
    expect(problemsOf(withOrg(`${vpc}clusters:\n${clusters}`))).toEqual([]);
  });
});

test("a file has a hundred levels at most, of which the document is the first", () => {
  const nested = (lists: number) => problemsOf("[".repeat(lists) + "]".repeat(lists)).join();
  expect(nested(99)).not.toContain("nested");
  expect(nested(100)).toContain("nested more than 100 levels deep");
});

test("an org's and a cluster's tags must fit on one resource together, with Muster's own", () => {
  const tags = (prefix: string, count: number) =>
    `{${Array.from({ length: count }, (_, index) => `${prefix}${index}: x`).join(", ")}}`;
  const text = (count: number) =>
    `${withOrg(`  tags: ${tags("o", 30)}\n`)}clusters: [{name: alpha, nodes: 1, tags: ${tags("c", count)}}]\n`;
  expect(problemsOf(text(16))).toEqual([]);
  expect(problemsOf(text(17))).toEqual([
    expect.stringMatching(/line 5: clusters\[0\]\.tags: got 47 tags together with org\.tags; allowed: 46/),
  ]);
});

describe("unknown keys are refused", () => {
  test.each([
    [
      "near a known one",
      withCluster("  nodez: 4\n"),
      /line 5: clusters\[0\]\.nodez: unknown key; did you mean nodes\?/,
    ],
    ["by its first word", withCluster("  jobs: []\n"), /jobs: unknown key; did you mean jobDefinitions\?/],
    ["in another case", withCluster("  instancetype: c5.large\n"), /did you mean instanceType\?/],
    ["with a letter missing", withCluster("  idleTimeoutMinuts: 1\n"), /did you mean idleTimeoutMinutes\?/],
    ["three slips away", withCluster("  spotabc: 1\n"), /spotabc: unknown key; did you mean spot\?/],
    ["four slips away", withCluster("  spotabcd: 1\n"), /spotabcd: unknown key; allowed here: /],
    ["far from all", withCluster("  colour: red\n"), /colour: unknown key; allowed here: name, nodes, /],
    ["at the top", `${MINIMAL}cluster: []`, /line 2: cluster: unknown key; did you mean clusters\?/],
  ])("%s", (_name, text, expected) => {
    expect(problemsOf(text)).toEqual([expect.stringMatching(expected)]);
  });
});

test("every problem is reported at once, in the file's order, also those between values", () => {
  const text = [
    "org:",
    "  name: Demo",
    "  network: {cidr: 10.0.0.5/16}",
    "clusters:",
    "- {name: alpha, nodes: -1, efa: maybe}",
    "- {name: alpha, node: 2}",
  ].join("\n");
  expect(problemsOf(text).map((line) => /line \d+: [^:]+/.exec(line)?.[0])).toEqual([
    "line 1: org.region",
    "line 2: org.name",
    "line 3: org.network.cidr",
    "line 5: clusters[0].nodes",
    "line 5: clusters[0].efa",
    "line 6: clusters[1].nodes",
    "line 6: clusters[1].node",
    "line 6: clusters[1].name",
  ]);
});

test("a file that is not there fails with the next step", () => {
  const load = () => loadMusterConfig({ MUSTER_CONFIG: "/nowhere/muster.yaml" });
  expect(load).toThrow(ConfigError);
  expect(load).toThrow(/\/nowhere\/muster\.yaml:.*ENOENT.*see examples\/muster\.yaml.*MUSTER_CONFIG/s);
});
