import { describe, expect, test } from "@jest/globals";
import { hasEfa, typesWithEfaNear } from "../../../../stacks/config/efa-types.js";
import { parseMusterConfig } from "../../../../stacks/config/load.js";
import { ConfigError } from "../../../../stacks/config/problem.js";

const FILES: Readonly<Record<string, string>> = {
  "/project/setup.sh": "#!/bin/sh\necho hello\n",
  "/project/plain.txt": "echo hello\n",
  "/project/full.sh": `#!/bin/sh\n${"x".repeat(8_182)}`,
  "/project/large.sh": `#!/bin/sh\n${"x".repeat(8_192)}`,
};

function parse(cluster: string, network = "{}") {
  const org = `org: {name: demo, region: us-east-1, network: ${network}}\n`;
  return parseMusterConfig(
    `${org}clusters: [{name: alpha, nodes: 2, ${cluster}}]`,
    "/project/muster.yaml",
    (file) => {
      const text = FILES[file];
      if (text === undefined) throw new Error("ENOENT");
      return Buffer.from(text);
    },
  );
}

/** The lines of the error, without the title. */
function problemsOf(cluster: string, network?: string): string[] {
  try {
    parse(cluster, network);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n").slice(1);
    throw error;
  }
  return [];
}

describe("a fleet's options that fit each other are taken", () => {
  test.each([
    "efa: true, instanceType: c5n.18xlarge",
    "efa: true, instanceType: hpc7a.96xlarge, runtime: intel, zones: [2]",
    "efa: true, instanceTypes: [c6in.32xlarge, m6in.32xlarge]",
    // Newer than the list: the plan asks EC2.
    "efa: true, instanceType: c9i.48xlarge",
    "spot: true",
    "spot: true, spotMaxPriceUsd: 0.08",
    "instanceTypes: [c5.xlarge, c5d.xlarge], zones: [1, 2]",
    "capacityReservationId: cr-0123456789abcdef0",
    "budget: {maxHours: 500}",
    "budget: {maxHours: 500, maxCost: 80, pricePerHour: 0.17}",
    "budget: {maxCost: 80}",
    "rootVolume: {}",
    "rootVolume: {iops: 6000, throughputMiBps: 500}",
    "rootVolumeGiB: 100, rootVolume: {type: io2, iops: 64000}",
    "bootScript: {file: setup.sh}",
    'proxy: {https: "http://proxy.acme.internal:3128"}',
    "monitoring: {dashboard: true, alarms: {}}",
  ])("%s", (cluster) => {
    expect(problemsOf(cluster)).toEqual([]);
  });

  test("the boot script's text comes with its cluster", () => {
    const [declared] = parse("bootScript: {file: setup.sh}").clusters;
    expect(declared).toMatchObject({
      cluster: { bootScript: { file: "setup.sh", timeoutMinutes: 10 } },
      bootScriptText: FILES["/project/setup.sh"],
    });
    expect(parse("efa: false").clusters[0]).not.toHaveProperty("bootScriptText");
  });
});

describe("options that do not fit fail with the path, the value and what is allowed", () => {
  test.each([
    [
      "a type without EFA: those near it are listed",
      "efa: true, instanceType: c5.xlarge",
      [
        /clusters\[0\]\.instanceType: got "c5\.xlarge"; allowed: with efa: true a type that has an Elastic Fabric Adapter, such as c5n\.9xlarge, c5n\.18xlarge, c5n\.metal, /,
      ],
    ],
    [
      "a size without EFA",
      "efa: true, instanceType: hpc7a.large",
      [/such as hpc7a\.12xlarge, hpc7a\.24xlarge, hpc7a\.48xlarge, hpc7a\.96xlarge, /],
    ],
    [
      "each type of several",
      "efa: true, instanceTypes: [c5n.18xlarge, c5.18xlarge, m5.xlarge]",
      [
        /instanceTypes\[1\]: got "c5\.18xlarge"/,
        /instanceTypes\[2\]: got "m5\.xlarge"; .*such as m5dn\.24xlarge/,
      ],
    ],
    [
      "a Graviton type, for which there is no Intel MPI",
      "efa: true, instanceType: hpc7g.16xlarge",
      [/got "hpc7g\.16xlarge"; allowed: with efa: true an x86-64 type, as Intel MPI .* such as hpc7a/],
    ],
    [
      "MPICH over EFA",
      "efa: true, instanceType: c5n.18xlarge, runtime: mpich",
      [/runtime: got "mpich"; allowed: with efa: true only intel: .*UCX/],
    ],
    [
      "EFA in two zones",
      "efa: true, instanceType: c5n.18xlarge, zones: [1, 2]",
      [/zones: got \[1,2\]; allowed: with efa: true one zone/],
    ],
    [
      "a burstable type among several",
      "instanceTypes: [c5.large, t3.large]",
      [/instanceTypes\[1\]: got "t3\.large"/],
    ],
    [
      "two ways to say the types",
      "instanceType: m5.large, instanceTypes: [c5.large]",
      [/instanceType: got "m5\.large"; allowed: either instanceType or instanceTypes/],
    ],
    ["two ways to say the zone", "zone: 2, zones: [1]", [/zone: got 2; allowed: either zone or zones/]],
    ["one zone twice", "zones: [1, 1]", [/zones: got \[1,1\]/]],
    ["a third zone", "zones: [3]", [/zones\[0\]: got 3/]],
    [
      "a price without Spot",
      "spotMaxPriceUsd: 0.1",
      [/spotMaxPriceUsd: got 0\.1; allowed: only with spot: true/],
    ],
    [
      "a price as a text",
      'spot: true, spotMaxPriceUsd: "0.1"',
      [
        /spotMaxPriceUsd: must be a number from 0\.001 to 1000: write 0\.1 without quotes; got the text "0\.1"/,
      ],
    ],
    [
      "a reservation for Spot",
      "spot: true, capacityReservationId: cr-0123456789abcdef0",
      [/capacityReservationId: got .*; allowed: only without spot/],
    ],
    [
      "a reservation for several types",
      "instanceTypes: [c5.large, c5d.large], capacityReservationId: cr-0123456789abcdef0",
      [/capacityReservationId: got .* only with one instance type and one zone/],
    ],
    [
      "a reservation for two zones",
      "zones: [1, 2], capacityReservationId: cr-0123456789abcdef0",
      [/capacityReservationId: got .* only with one instance type and one zone/],
    ],
    [
      "a budget without a limit",
      "budget: {pricePerHour: 1}",
      [/budget: has no limit; give maxHours or maxCost/],
    ],
    [
      "an io2 disk without iops",
      "rootVolume: {type: io2}",
      [/rootVolume\.iops: is missing; needed with type io2/],
    ],
    [
      "an io2 disk with a throughput",
      "rootVolume: {type: io2, iops: 3000, throughputMiBps: 500}",
      [/throughputMiBps: got 500; allowed: only for gp3/],
    ],
    ["few operations for gp3", "rootVolume: {iops: 100}", [/iops: got 100; allowed: for gp3 3000 and more/]],
    [
      "more operations than a disk of its size has",
      "rootVolumeGiB: 30, rootVolume: {iops: 16000}",
      [/iops: got 16000; allowed: for gp3 of 30 GiB at most 15000; raise rootVolumeGiB/],
    ],
    [
      "more throughput than its operations give",
      "rootVolume: {throughputMiBps: 1000}",
      [/throughputMiBps: got 1000; allowed: at most a quarter of iops, 750/],
    ],
    [
      "a boot script that is not there",
      "bootScript: {file: no.sh}",
      [/bootScript\.file: got "no\.sh"; it can't be read/],
    ],
    ["a boot script that is none", "bootScript: {file: plain.txt}", [/it does not begin with #!/]],
    ["a boot script that is too long", "bootScript: {file: large.sh}", [/it has 8202 bytes; allowed: 8192/]],
    [
      "a proxy without an address",
      "proxy: {jobs: true}",
      [/proxy: got .*; allowed: at least one of http and https/],
    ],
    [
      "a proxy with a password",
      'proxy: {https: "http://user:secret@proxy:3128"}',
      [/proxy\.https: got "http:\/\/\.\.\.@proxy:3128"; .* without a path or a password/],
    ],
    ["an unknown option", "spots: true", [/spots: unknown key; did you mean spot\?/]],
    [
      "an alarm that nobody can hear",
      "monitoring: {alarms: {notify: [oncall]}}",
      [/monitoring\.alarms\.notify\[0\]: got "oncall"; allowed: the ARN of an SNS topic/],
    ],
  ])("%s", (_name, cluster, expected) => {
    expect(problemsOf(cluster)).toEqual(expected.map((line) => expect.stringMatching(line)));
  });

  test("all at once", () => {
    const cluster =
      "efa: true, runtime: mpich, zones: [1, 2], spotMaxPriceUsd: 1, rootVolume: {type: io2}, proxy: {}, bootScript: {file: no.sh}";
    expect(problemsOf(cluster)).toHaveLength(7);
  });
});

describe("a network that exists", () => {
  const VPC = "vpcId: vpc-0123456789abcdef0";
  const ONE = "subnetIds: [subnet-0123456789abcdef0]";

  test.each([
    ["the subnets are missing", `{${VPC}}`, "", [/network\.subnetIds: is missing; needed with vpcId/]],
    ["there is no VPC for them", `{${ONE}}`, "", [/subnetIds: got .*; allowed: only with vpcId/]],
    [
      "a range and zones of one's own",
      `{${VPC}, ${ONE}, cidr: 10.9.0.0/16, zones: [us-east-1a, us-east-1b]}`,
      "",
      [/cidr: got "10\.9\.0\.0\/16"; allowed: only without vpcId/, /zones: got .*only without vpcId/],
    ],
    [
      "a zone without a subnet",
      `{${VPC}, ${ONE}}`,
      "zone: 2",
      [/clusters\[0\]\.zone: got 2; allowed: zone 1/],
    ],
    [
      "zones without a subnet",
      `{${VPC}, ${ONE}}`,
      "zones: [1, 2]",
      [/clusters\[0\]\.zones: got \[1,2\]; allowed: zone 1/],
    ],
    ["something that is no VPC", "{vpcId: mine}", "", [/network\.vpcId: got "mine"/]],
  ])("fails where %s", (_name, network, cluster, expected) => {
    expect(problemsOf(cluster, network)).toEqual(expected.map((line) => expect.stringMatching(line)));
  });

  test("its size is not checked: it is the company's", () => {
    expect(problemsOf("zones: [1]", `{${VPC}, ${ONE}}`)).toEqual([]);
  });
});

test("a boot script may fill its place in the user data", () => {
  expect(problemsOf("bootScript: {file: full.sh}")).toEqual([]);
});

describe("types with an EFA", () => {
  test.each([
    ["c5n.18xlarge", true],
    ["c5n.large", false],
    ["c5.18xlarge", false],
    ["m4.large", false],
    ["hpc8z.large", false],
    ["c99.large", null],
    ["zz1.large", null],
  ])("%s: %s", (type, expected) => {
    expect(hasEfa(type)).toBe(expected);
  });

  test("near any type there are some, and each has one", () => {
    for (const type of ["c5.xlarge", "x1.large", "t3.micro", "hpc6a.48xlarge", "odd"]) {
      const near = typesWithEfaNear(type);
      expect(near).toHaveLength(6);
      expect(near.map(hasEfa)).toEqual(Array(6).fill(true));
    }
  });
});
