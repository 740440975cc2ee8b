import { describe, expect, test } from "@jest/globals";
import { makeTestKey } from "../../support/ssh-keys.js";
import { type SynthesisedStack, synthesise } from "../../support/stacks/synth.js";

const { publicKey: KEY, privateKey: PRIVATE } = makeTestKey("-t", "ed25519");
const ORG = "org: {name: demo, region: us-east-1}\n";
const RANGE = '"203.0.113.7/32"';

function stackWith(access: string, settings = "nodes: 4"): SynthesisedStack {
  const stack = synthesise(`${ORG}clusters: [{name: alpha, ${settings}, access: ${access}}]\n`)[
    "muster_demo_alpha"
  ];
  if (stack === undefined) throw new Error("no cluster stack");
  return stack;
}
const open = stackWith(`{sshKeys: ["${KEY}"], allowFrom: [${RANGE}, "198.51.100.0/24"]}`);
const inside = stackWith(`{sshKeys: ["${KEY}"], allowFrom: ["10.0.0.0/8"]}`);
const closed = stackWith("{}");
const scriptOf = (stack: SynthesisedStack) => Object.values(stack.json.locals ?? {})[0] ?? "";
const subnetOf = (stack: SynthesisedStack) =>
  JSON.stringify(stack.only("aws_autoscaling_group")["vpc_zone_identifier"]);
const sshRules = (stack: SynthesisedStack) =>
  stack
    .all("aws_vpc_security_group_ingress_rule")
    .filter(({ ip_protocol }) => ip_protocol === "tcp")
    .map(({ cidr_ipv4, from_port, to_port }) => [cidr_ipv4, from_port, to_port])
    .sort();

describe("a cluster that ssh reaches from the internet", () => {
  test("lets port 22 in from the ranges alone, and nothing else from outside", () => {
    expect(sshRules(open)).toEqual([
      ["198.51.100.0/24", 22, 22],
      ["203.0.113.7/32", 22, 22],
    ]);
    const others = open
      .all("aws_vpc_security_group_ingress_rule")
      .filter(({ ip_protocol }) => ip_protocol !== "tcp");
    expect(others).toEqual([expect.objectContaining({ referenced_security_group_id: expect.anything() })]);
    expect(others[0]).not.toHaveProperty("cidr_ipv4");
  });

  test("has its nodes in a public subnet of its zone, with public addresses", () => {
    expect(subnetOf(open)).toContain("outputs.public_subnet_ids, 0");
    expect(
      subnetOf(stackWith(`{sshKeys: ["${KEY}"], allowFrom: [${RANGE}]}`, "nodes: 4, zone: 2")),
    ).toContain("outputs.public_subnet_ids, 1");
    const template = open.only("aws_launch_template");
    expect(template).not.toHaveProperty("vpc_security_group_ids");
    expect(template["network_interfaces"]).toEqual([
      {
        ...{ device_index: 0, network_card_index: 0, delete_on_termination: "true" },
        associate_public_ip_address: "true",
        security_groups: [
          expect.stringContaining("aws_security_group"),
          expect.stringContaining("clients_group_id"),
        ],
      },
    ]);
  });

  test("has EFA and a public address on the one interface where both are asked for", () => {
    const efa = stackWith(
      `{sshKeys: ["${KEY}"], allowFrom: [${RANGE}]}`,
      "nodes: 2, instanceType: c5n.18xlarge, efa: true",
    );
    expect(efa.only("aws_launch_template")["network_interfaces"]).toEqual([
      expect.objectContaining({ interface_type: "efa", associate_public_ip_address: "true" }),
    ]);
  });

  test("has the rules before its first node", () => {
    const rules = Object.keys(open.json.resource["aws_vpc_security_group_ingress_rule"] ?? {});
    expect(open.only("aws_autoscaling_group")["depends_on"]).toEqual(
      expect.arrayContaining(rules.map((id) => `aws_vpc_security_group_ingress_rule.${id}`)),
    );
  });

  test("gives a range that stays its rule's address, whatever comes and goes before it", () => {
    const ids = (stack: SynthesisedStack) =>
      Object.keys(stack.json.resource["aws_vpc_security_group_ingress_rule"] ?? {});
    const alone = stackWith(`{sshKeys: ["${KEY}"], allowFrom: ["198.51.100.0/24"]}`);
    for (const id of ids(alone)) expect(ids(open)).toContain(id);
  });
});

describe("a cluster that ssh reaches from private ranges alone", () => {
  test("lets them in, and stays in its private subnet, without public addresses", () => {
    expect(sshRules(inside)).toEqual([["10.0.0.0/8", 22, 22]]);
    expect(subnetOf(inside)).toContain("outputs.private_subnet_ids, 0");
    expect(inside.only("aws_launch_template")).not.toHaveProperty("network_interfaces");
  });
});

describe("a cluster without access", () => {
  test("lets in nothing from outside, and no one may log in", () => {
    expect(sshRules(closed)).toEqual([]);
    expect(subnetOf(closed)).toContain("outputs.private_subnet_ids, 0");
    expect(closed.only("aws_launch_template")).not.toHaveProperty("network_interfaces");
    expect(scriptOf(closed)).not.toContain("sshKeys");
  });
});

test("the keys are in the nodes' user data, as they are", () => {
  expect(scriptOf(open)).toContain(JSON.stringify([KEY], null, 2).replaceAll("\n", "\n  "));
});

describe("Session Manager", () => {
  test.each([
    ["open", open],
    ["closed", closed],
  ])("has its rights on the nodes of an %s cluster", (_name, stack) => {
    const { Statement } = JSON.parse(stack.only("aws_iam_role_policy")["policy"]) as {
      Statement: { Sid: string }[];
    };
    expect(Statement.map(({ Sid }) => Sid)).toContain("SessionManager");
  });
});

test("the org's public subnets are an output, for such clusters", () => {
  const org = synthesise(ORG)["muster_demo"];
  expect(JSON.stringify(org?.json)).toContain("public_subnet_ids");
  expect(
    org?.all("aws_subnet").every(({ map_public_ip_on_launch }) => map_public_ip_on_launch === false),
  ).toBe(true);
});

describe("muster.yaml is refused", () => {
  const keys = `sshKeys: ["${KEY}"]`;
  test.each<[string, string, string]>([
    ["the whole internet", `{${keys}, allowFrom: ["0.0.0.0/0"]}`, "set allowFromAnywhere: true"],
    [
      "its halves",
      `{${keys}, allowFrom: ["0.0.0.0/1", "128.0.0.0/1"]}`,
      'got "128.0.0.0/1"; allowed: a range of /8 or narrower',
    ],
    ["a range that is too wide", `{${keys}, allowFrom: ["64.0.0.0/7"]}`, "a range of /8 or narrower"],
    ["all of IPv6", `{${keys}, allowFrom: ["::/0"]}`, "IPv4 ranges: nodes have no IPv6 address"],
    ["an address alone", `{${keys}, allowFrom: ["203.0.113.7"]}`, "did you mean 203.0.113.7/32?"],
    ["an address in a range", `{${keys}, allowFrom: ["203.0.113.7/24"]}`, "did you mean 203.0.113.0/24?"],
    ["a name", `{${keys}, allowFrom: ["office.example.com"]}`, "an IPv4 range such as 203.0.113.7/32"],
    ["what only C reads as an address", `{${keys}, allowFrom: ["0xCB.0.0.0/8"]}`, "an IPv4 range such as"],
    ["the same range twice", `{${keys}, allowFrom: [${RANGE}, ${RANGE}]}`, "clusters[0].access.allowFrom"],
    ["ranges without keys", `{allowFrom: [${RANGE}]}`, "sshKeys: is empty, but allowFrom is not"],
    ["options before a key", `{sshKeys: ['command="id" ${KEY}']}`, "begins with options"],
    [
      "too many keys",
      `{sshKeys: [${Array.from({ length: 17 }, (_, index) => `"${KEY}${index}"`).join(", ")}]}`,
      "sshKeys",
    ],
    ["a key that is none", '{sshKeys: ["hello"]}', "must begin with the key's type"],
    ["an unknown key of the mapping", `{${keys}, allowedFrom: [${RANGE}]}`, "did you mean allowFrom?"],
  ])("for %s", (_name, access, words) => {
    expect(() => stackWith(access)).toThrow(words);
  });

  test("for keys that would take too much of the user data", () => {
    const long = Array.from({ length: 9 }, () => makeLong()).map((key) => `"${key}"`);
    expect(() => stackWith(`{sshKeys: [${long.join(", ")}]}`)).toThrow(
      /sshKeys: take \d+ bytes; allowed: 6000 together/,
    );
  });

  test("for a private key, without showing it", () => {
    const text = JSON.stringify(PRIVATE);
    let said = "";
    try {
      stackWith(`{sshKeys: [${text}]}`);
    } catch (error) {
      said = (error as Error).message;
    }
    expect(said).toContain("access.sshKeys[0]: is a private key, which must not leave its owner's machine");
    for (const line of PRIVATE.split("\n").slice(1, 3)) expect(said).not.toContain(line);
  });
});

/** An RSA key of 4,096 bits: 700 bytes. */
const makeLong = () => {
  const field = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const modulus = Buffer.alloc(513, 0x80 + Math.floor(Math.random() * 0x7f));
  modulus[0] = 0;
  modulus.writeUInt32BE(Math.floor(Math.random() * 2 ** 31), 500);
  return `ssh-rsa ${Buffer.concat([Buffer.from("ssh-rsa"), Buffer.from([1, 0, 1]), modulus].map(field)).toString("base64")}`;
};

test("with the flag, everywhere is a range as any other", () => {
  const everywhere = stackWith(`{sshKeys: ["${KEY}"], allowFrom: ["0.0.0.0/0"], allowFromAnywhere: true}`);
  expect(sshRules(everywhere)).toEqual([["0.0.0.0/0", 22, 22]]);
});

test("nodes with public addresses are counted in their own subnet", () => {
  const clusters = (access: string) =>
    `org: {name: demo, region: us-east-1, network: {cidr: 10.20.0.0/24}}
clusters: [{name: alpha, nodes: 50, access: ${access}}, {name: beta, nodes: 50}]\n`;
  expect(() => synthesise(clusters("{}"))).toThrow("got 100 nodes in zone 1; allowed: 58");
  expect(() => synthesise(clusters(`{sshKeys: ["${KEY}"], allowFrom: [${RANGE}]}`))).not.toThrow();
});
