import { EC2Client } from "@aws-sdk/client-ec2";
import type { IAMClient } from "@aws-sdk/client-iam";
import type { STSClient } from "@aws-sdk/client-sts";
import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { createMetadataSource } from "../../../../scripts/local/lan/aws/source.js";

interface Command {
  readonly constructor: { readonly name: string };
  readonly input: {
    readonly Filters?: readonly { readonly Name: string; readonly Values: readonly string[] }[];
  };
}

/** An account with these instances, by address; `asked` has the addresses that it was asked for. */
function account(instances: Map<string, string>) {
  const asked = { addresses: [] as string[], others: [] as string[] };
  const send = async ({ constructor: { name }, input }: Command): Promise<unknown> => {
    if (name !== "DescribeInstancesCommand") {
      asked.others.push(name);
      return {};
    }
    const of = input.Filters?.find(({ Name }) => Name === "private-ip-address")?.Values ?? [];
    asked.addresses.push(...of);
    const Instances = of.flatMap((PrivateIpAddress) => {
      const InstanceId = instances.get(PrivateIpAddress);
      const Tags = [{ Key: "aws:ec2launchtemplate:id", Value: "lt-1" }];
      return InstanceId === undefined ? [] : [{ InstanceId, PrivateIpAddress, Tags }];
    });
    return { Reservations: Instances.length === 0 ? [] : [{ OwnerId: "1", Instances }] };
  };
  const ec2 = Object.assign(new EC2Client({ region: "us-east-1" }), { send });
  return { asked, source: createMetadataSource({ ec2, iam: {} as IAMClient, sts: {} as STSClient }) };
}

describe("what the metadata service asks the account", () => {
  afterEach(() => void jest.useRealTimers());

  test("many requests of a node at once cost one look, at its own instance; one that is too new to be there is found later", async () => {
    const instances = new Map([
      ["10.0.0.1", "i-1"],
      ["10.0.0.2", "i-2"],
    ]);
    const { asked, source } = account(instances);
    const found = await Promise.all(
      ["10.0.0.1", "10.0.0.2", "10.0.0.1", "10.0.0.3"].map((address) => source.instanceAt(address)),
    );
    expect(found.map((instance) => instance?.instanceId)).toEqual(["i-1", "i-2", "i-1", undefined]);
    expect(asked.addresses).toEqual(["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
    instances.set("10.0.0.3", "i-3");
    expect((await source.instanceAt("10.0.0.3"))?.instanceId).toBe("i-3");
  });

  test("what it knows of an address holds for ten seconds, and where a session begins for one: another instance may be there", async () => {
    jest.useFakeTimers({ doNotFake: ["nextTick", "setImmediate"] });
    const instances = new Map([["10.0.0.1", "i-1"]]);
    const { asked, source } = account(instances);
    const seen = async () => (await source.instanceAt("10.0.0.1"))?.instanceId;
    expect(await seen()).toBe("i-1");
    jest.advanceTimersByTime(999);
    source.beginSession("10.0.0.1");
    expect([await seen(), asked.addresses.length]).toEqual(["i-1", 1]);
    jest.advanceTimersByTime(1);
    instances.set("10.0.0.1", "i-2");
    expect([await seen(), asked.addresses.length]).toEqual(["i-1", 1]);
    source.beginSession("10.0.0.1");
    expect([await seen(), asked.addresses.length]).toEqual(["i-2", 2]);
    jest.advanceTimersByTime(9_999);
    expect([await seen(), asked.addresses.length]).toEqual(["i-2", 2]);
    jest.advanceTimersByTime(1);
    expect([await seen(), asked.addresses.length]).toEqual(["i-2", 3]);
  });

  test.each([
    ["dynamic/instance-identity/document", []],
    ["meta-data/local-hostname", []],
    ["user-data", ["DescribeInstanceAttributeCommand"]],
    ["meta-data/iam/info", ["DescribeLaunchTemplateVersionsCommand"]],
    ["meta-data/", ["DescribeLaunchTemplateVersionsCommand"]],
    [undefined, ["DescribeInstanceAttributeCommand", "DescribeLaunchTemplateVersionsCommand"]],
  ])("for %s it asks no more than that needs", async (path, others) => {
    const { asked, source } = account(new Map([["10.0.0.1", "i-10.0.0.1"]]));
    expect(await source.instanceAt("10.0.0.1", path)).toMatchObject({ instanceId: "i-10.0.0.1" });
    expect(asked.others.sort()).toEqual(others);
  });
});
