import { EC2Client } from "@aws-sdk/client-ec2";
import type { IAMClient } from "@aws-sdk/client-iam";
import type { STSClient } from "@aws-sdk/client-sts";
import { describe, expect, test } from "@jest/globals";
import { createMetadataSource } from "../../../../scripts/local/lan/aws/source.js";

/** An account with instances at these addresses; `asked` counts its lists. */
function account(addresses: string[]) {
  const asked = { lists: 0, others: [] as string[] };
  const send = async (command: { constructor: { name: string } }): Promise<unknown> => {
    if (command.constructor.name !== "DescribeInstancesCommand") {
      asked.others.push(command.constructor.name);
      return {};
    }
    asked.lists += 1;
    const Instances = addresses.map((PrivateIpAddress) => ({
      InstanceId: `i-${PrivateIpAddress}`,
      PrivateIpAddress,
      Tags: [{ Key: "aws:ec2launchtemplate:id", Value: "lt-1" }],
    }));
    return { Reservations: [{ OwnerId: "1", Instances }] };
  };
  return { asked, send };
}

describe("what the metadata service asks the account", () => {
  test("many nodes at once cost one list, and one that is younger than the list is found all the same", async () => {
    const addresses = ["10.0.0.1", "10.0.0.2"];
    const { asked, send } = account(addresses);
    const ec2 = Object.assign(new EC2Client({ region: "us-east-1" }), { send });
    const source = createMetadataSource({ ec2, iam: {} as IAMClient, sts: {} as STSClient });
    const found = await Promise.all(
      ["10.0.0.1", "10.0.0.2", "10.0.0.1"].map((address) => source.instanceAt(address)),
    );
    expect(found.map((instance) => instance?.instanceId)).toEqual(["i-10.0.0.1", "i-10.0.0.2", "i-10.0.0.1"]);
    expect(asked.lists).toBe(1);
    addresses.push("10.0.0.3");
    expect((await source.instanceAt("10.0.0.3"))?.instanceId).toBe("i-10.0.0.3");
    expect(asked.lists).toBe(2);
    expect(await source.instanceAt("10.0.0.9")).toBeNull();
  });

  test.each([
    ["dynamic/instance-identity/document", []],
    ["meta-data/local-hostname", []],
    ["user-data", ["DescribeInstanceAttributeCommand"]],
    ["meta-data/iam/info", ["DescribeLaunchTemplateVersionsCommand"]],
    ["meta-data/", ["DescribeLaunchTemplateVersionsCommand"]],
    [undefined, ["DescribeInstanceAttributeCommand", "DescribeLaunchTemplateVersionsCommand"]],
  ])("for %s it asks no more than that needs", async (path, others) => {
    const { asked, send } = account(["10.0.0.1"]);
    const ec2 = Object.assign(new EC2Client({ region: "us-east-1" }), { send });
    const source = createMetadataSource({ ec2, iam: {} as IAMClient, sts: {} as STSClient });
    expect(await source.instanceAt("10.0.0.1", path)).toMatchObject({ instanceId: "i-10.0.0.1" });
    expect(asked.others.sort()).toEqual(others);
  });
});
