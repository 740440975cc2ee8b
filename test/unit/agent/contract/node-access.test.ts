import { expect, test } from "@jest/globals";
import { accessQuery, nodeAccess } from "../../../../agent/contract/node-access.js";
import type { NodeItem } from "../../../../agent/contract/registry.js";

const KEY = `ssh-ed25519 ${"A".repeat(68)}`;
const item = (instanceId: string, values: Partial<NodeItem> = {}): NodeItem => ({
  ...{ instanceId, address: "10.0.0.9", hostname: "ip-9", cores: 2, kind: "worker" },
  ...values,
});

test("nodes are sorted by address; one of an older agent has neither a public address nor a host key", () => {
  const nodes = nodeAccess([
    item("i-b", { address: "10.0.0.10", publicAddress: "54.1.2.3", sshHostKeys: [KEY] }),
    item("i-a"),
  ]);
  expect(nodes).toEqual([
    {
      id: "i-a",
      address: "10.0.0.9",
      publicAddress: null,
      hostname: "ip-9",
      cores: 2,
      kind: "worker",
      sshHostKeys: [],
    },
    {
      ...{
        id: "i-b",
        address: "10.0.0.10",
        publicAddress: "54.1.2.3",
        hostname: "ip-9",
        cores: 2,
        kind: "worker",
      },
      sshHostKeys: [KEY],
    },
  ]);
});

test("what would be more than an address, an id or a key is left out", () => {
  const lines = `${KEY}\n* ssh-ed25519 ${"B".repeat(68)}`;
  const found = nodeAccess([
    item("i-1", { publicAddress: "-oProxyCommand=x", sshHostKeys: [lines, `@cert-authority * ${KEY}`, KEY] }),
    item("-oProxyCommand=x"),
    item("i-2", { address: "host; id" }),
  ]);
  expect(found).toMatchObject([{ id: "i-1", publicAddress: null, sshHostKeys: [KEY] }]);
});

test("the query asks for no more than that, and for each attribute by a name of its own", () => {
  const { ProjectionExpression, ExpressionAttributeNames } = accessQuery("c");
  for (const name of ProjectionExpression.split(", "))
    expect(Object.keys(ExpressionAttributeNames)).toContain(name);
  expect(ProjectionExpression).toContain("#sshHostKeys");
});
