import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DeleteAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  UpdateAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DeleteLaunchTemplateCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeLaunchTemplatesCommand,
  DescribeSubnetsCommand,
  EC2Client,
  ModifyLaunchTemplateCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import {
  AddTagsToResourceCommand,
  DeleteParameterCommand,
  DescribeParametersCommand,
  GetParameterCommand,
  ListTagsForResourceCommand,
  PutParameterCommand,
  RemoveTagsFromResourceCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { notebookNameKey, notebookSk } from "../../../agent/contract/keys.js";
import { clusterSecretName, tableName } from "../../../agent/contract/names.js";
import { type ObservedCluster, summarizeNodes } from "../../../agent/contract/nodes.js";
import {
  type ClusterItem,
  clusterPk,
  META_SK,
  type NodeItem,
  type NodeSummary,
  type NotebookItem,
  nameKey,
  nodeSk,
  PARTITION_KEY,
  partitionKeyed,
  SORT_KEY,
} from "../../../agent/contract/registry.js";
import { renderUpdate } from "../../../agent/contract/writes/render.js";
import type { Update } from "../../../agent/contract/writes/write.js";
import { countsOf, nodeItem } from "../agent/cluster-item.js";
import type { TestEmulator } from "../emulator.js";
import { createRegistryTable } from "../registry-table.js";

/** What a test sees and does of an org directly, behind the provider's back. */
export type TestOrg = ReturnType<typeof openOrg>;

/** An org of the emulator: its registry table, and as many Auto Scaling groups as asked for. */
export async function createOrg(emulator: TestEmulator, org: string): Promise<TestOrg> {
  await createRegistryTable(emulator, org);
  return openOrg(emulator, org);
}

/** An org that is there, or will be. */
export function openOrg(emulator: TestEmulator, org: string) {
  const dynamo = DynamoDBDocumentClient.from(new DynamoDBClient(emulator.client));
  const autoScaling = new AutoScalingClient(emulator.client);
  const ec2 = new EC2Client(emulator.client);
  const ssm = new SSMClient(emulator.client);
  const TableName = tableName(org);
  const metaKey = (uuid: string) => ({ [PARTITION_KEY]: clusterPk(uuid), [SORT_KEY]: META_SK });

  async function itemAt(Key: Record<string, string>): Promise<Record<string, unknown> | null> {
    return (await dynamo.send(new GetCommand({ TableName, Key, ConsistentRead: true }))).Item ?? null;
  }

  async function nodeItems(uuid: string): Promise<readonly NodeItem[]> {
    const { Items = [] } = await dynamo.send(
      new QueryCommand({
        TableName,
        ConsistentRead: true,
        KeyConditionExpression: "pk = :pk AND begins_with(sk, :nodes)",
        ExpressionAttributeValues: { ":pk": clusterPk(uuid), ":nodes": nodeSk("") },
      }),
    );
    return Items as NodeItem[];
  }

  /** As a head does: puts those that have changed, and deletes the others. */
  async function setNodes(uuid: string, nodes: readonly NodeSummary[]): Promise<void> {
    const before = new Map((await nodeItems(uuid)).map((item) => [item.instanceId, item]));
    for (const node of nodes) {
      const Item = { ...nodeItem(node), ...partitionKeyed(uuid, nodeSk(node.id)) };
      if (!isDeepStrictEqual(before.get(node.id), Item))
        await dynamo.send(new PutCommand({ TableName, Item }));
      before.delete(node.id);
    }
    for (const id of before.keys())
      await dynamo.send(new DeleteCommand({ TableName, Key: partitionKeyed(uuid, nodeSk(id)) }));
  }

  return {
    async cluster(uuid: string): Promise<ObservedCluster | null> {
      const { Item } = await dynamo.send(
        new GetCommand({ TableName, Key: metaKey(uuid), ConsistentRead: true }),
      );
      const cluster = Item as ClusterItem | undefined;
      return cluster === undefined
        ? null
        : { ...cluster, nodes: summarizeNodes(await nodeItems(uuid), cluster) };
    },
    /** The UUID of the cluster of that name that is not being removed, or null. */
    async findUuid(name: string): Promise<string | null> {
      const { Items = [] } = await dynamo.send(new ScanCommand({ TableName, ConsistentRead: true }));
      const found = (Items as Partial<ClusterItem>[]).find(
        (item) => item.name === name && item.clusterStatus !== "REMOVING",
      );
      return found?.uuid ?? null;
    },
    /** Of every cluster of that name, whatever its status. */
    async uuidsNamed(name: string): Promise<readonly string[]> {
      const { Items = [] } = await dynamo.send(new ScanCommand({ TableName, ConsistentRead: true }));
      return (Items as Partial<ClusterItem>[]).flatMap((item) =>
        item.name === name && item.uuid !== undefined ? [item.uuid] : [],
      );
    },
    async setCluster(uuid: string, { nodes, ...meta }: Partial<ObservedCluster>): Promise<void> {
      if (nodes !== undefined) await setNodes(uuid, nodes);
      for (const [name, value] of Object.entries({
        ...(nodes === undefined ? {} : countsOf(nodes)),
        ...meta,
      })) {
        await dynamo.send(
          new UpdateCommand({
            TableName,
            Key: metaKey(uuid),
            UpdateExpression: "SET #name = :value",
            ExpressionAttributeNames: { "#name": name },
            ExpressionAttributeValues: { ":value": value },
          }),
        );
      }
    },
    /** What a head writes: only while the cluster still waits for exactly these nodes, and a reason only where there is none. */
    async observe(uuid: string, wanted: number, values: Partial<ObservedCluster>): Promise<void> {
      const { nodes, ...meta } = values;
      if (nodes !== undefined) await setNodes(uuid, nodes);
      const sets = Object.entries({ ...(nodes === undefined ? {} : countsOf(nodes)), ...meta });
      const isFirstReason = meta.clusterStatus === undefined && meta.reasonCode !== undefined;
      await dynamo.send(
        new UpdateCommand({
          TableName,
          Key: metaKey(uuid),
          UpdateExpression: `SET ${sets.map(([name]) => `#${name} = :${name}`).join(", ")}`,
          ConditionExpression: `#clusterStatus = :waiting AND #desiredNodes = :wanted${isFirstReason ? " AND #reasonCode = :none" : ""}`,
          ExpressionAttributeNames: {
            "#desiredNodes": "desiredNodes",
            "#clusterStatus": "clusterStatus",
            ...Object.fromEntries(sets.map(([name]) => [`#${name}`, name])),
          },
          ExpressionAttributeValues: {
            ":waiting": "INPROGRESS",
            ":wanted": wanted,
            ...(isFirstReason ? { ":none": null } : {}),
            ...Object.fromEntries(sets.map(([name, value]) => [`:${name}`, value])),
          },
        }),
      );
    },
    /** The notebook, wherever it is attached; null: there is none of that name. */
    async notebook(name: string): Promise<NotebookItem | null> {
      const held = await itemAt(notebookNameKey(org, name));
      return held === null
        ? null
        : ((await itemAt(
            partitionKeyed(String(held["clusterUuid"]), notebookSk(name)),
          )) as NotebookItem | null);
    },
    /** Makes one of the contract's writes; false where its condition did not hold. */
    async update(write: Update): Promise<boolean> {
      const command = new UpdateCommand({ TableName, ...renderUpdate(write) });
      return dynamo.send(command).then(
        () => true,
        (error: Error) => {
          if (error.name === "ConditionalCheckFailedException") return false;
          throw error;
        },
      );
    },
    async putItem(uuid: string, sortKey: string): Promise<void> {
      const Item = { [PARTITION_KEY]: clusterPk(uuid), [SORT_KEY]: sortKey };
      await dynamo.send(new PutCommand({ TableName, Item }));
    },
    async deleteCluster(uuid: string): Promise<void> {
      await dynamo.send(new DeleteCommand({ TableName, Key: metaKey(uuid) }));
    },
    /** As an older version left it: nothing says whose its fleet is. */
    async disownFleet(uuid: string): Promise<void> {
      await dynamo.send(
        new UpdateCommand({ TableName, Key: metaKey(uuid), UpdateExpression: "REMOVE fleet" }),
      );
    },
    /** As an older version left it: nothing but the cluster itself holds its name. */
    async deleteName(name: string): Promise<void> {
      await dynamo.send(new DeleteCommand({ TableName, Key: nameKey(org, name) }));
    },
    async sortKeys(uuid: string, partition = clusterPk): Promise<readonly string[]> {
      const { Items = [] } = await dynamo.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: "pk = :pk",
          ExpressionAttributeValues: { ":pk": partition(uuid) },
        }),
      );
      return Items.map((item) => String(item[SORT_KEY]));
    },
    async secret(uuid: string): Promise<{ readonly type: string; readonly value: string }> {
      const get = new GetParameterCommand({ Name: clusterSecretName(org, uuid), WithDecryption: true });
      const { Parameter } = await ssm.send(get);
      return { type: String(Parameter?.Type), value: String(Parameter?.Value) };
    },
    async rotateSecret(uuid: string): Promise<void> {
      const rotated = { Name: clusterSecretName(org, uuid), Value: randomUUID(), Overwrite: true } as const;
      await ssm.send(new PutParameterCommand({ ...rotated, Type: "SecureString" }));
    },
    async secretTags(uuid: string): Promise<Readonly<Record<string, string>>> {
      const ResourceId = clusterSecretName(org, uuid);
      const list = new ListTagsForResourceCommand({ ResourceType: "Parameter", ResourceId });
      const { TagList = [] } = await ssm.send(list);
      return Object.fromEntries(TagList.map(({ Key, Value }) => [String(Key), String(Value)]));
    },
    async deleteSecret(uuid: string): Promise<void> {
      await ssm.send(new DeleteParameterCommand({ Name: clusterSecretName(org, uuid) }));
    },
    async changeSecretTags(uuid: string, set: Readonly<Record<string, string>>, remove: string[]) {
      const parameter = { ResourceType: "Parameter", ResourceId: clusterSecretName(org, uuid) } as const;
      const Tags = Object.entries(set).map(([Key, Value]) => ({ Key, Value }));
      await ssm.send(new AddTagsToResourceCommand({ ...parameter, Tags }));
      await ssm.send(new RemoveTagsFromResourceCommand({ ...parameter, TagKeys: remove }));
    },
    async parameterNames(): Promise<readonly string[]> {
      const { Parameters = [] } = await ssm.send(new DescribeParametersCommand({}));
      return Parameters.map(({ Name }) => String(Name));
    },
    createGroup: (name: string, maxSize: number) => createGroup(ec2, autoScaling, name, maxSize),
    /** With its instances, and with its launch template: it may be made anew. */
    async deleteGroup(name: string): Promise<void> {
      const { instanceIds } = await this.group(name);
      await autoScaling.send(
        new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: name, ForceDelete: true }),
      );
      if (instanceIds.length > 0)
        await ec2.send(new TerminateInstancesCommand({ InstanceIds: [...instanceIds] }));
      await ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateName: name }));
    },
    /** The newest version of the group's launch template, as `id/version`; `isNew`: of a new one, which is made the default. */
    async templateVersion(name: string, isNew = false): Promise<string> {
      if (isNew) {
        const { LaunchTemplateVersion } = await ec2.send(
          new CreateLaunchTemplateVersionCommand({
            LaunchTemplateName: name,
            SourceVersion: "$Latest",
            LaunchTemplateData: {},
          }),
        );
        const DefaultVersion = String(LaunchTemplateVersion?.VersionNumber);
        await ec2.send(new ModifyLaunchTemplateCommand({ LaunchTemplateName: name, DefaultVersion }));
      }
      const { LaunchTemplates = [] } = await ec2.send(
        new DescribeLaunchTemplatesCommand({ LaunchTemplateNames: [name] }),
      );
      return `${LaunchTemplates[0]?.LaunchTemplateId}/${LaunchTemplates[0]?.LatestVersionNumber}`;
    },
    async group(
      name: string,
    ): Promise<{ readonly desired: number; readonly max: number; readonly instanceIds: readonly string[] }> {
      const describe = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] });
      const group = (await autoScaling.send(describe)).AutoScalingGroups?.[0];
      const instanceIds = (group?.Instances ?? []).map(({ InstanceId }) => String(InstanceId));
      return { desired: group?.DesiredCapacity ?? 0, max: group?.MaxSize ?? 0, instanceIds };
    },
    async setSize(name: string, { desired, max }: { desired: number; max: number }): Promise<void> {
      const update = new UpdateAutoScalingGroupCommand({
        AutoScalingGroupName: name,
        DesiredCapacity: desired,
        MaxSize: max,
      });
      await autoScaling.send(update);
    },
    /** As a head ends one that is too many: the group has one less. */
    async endInstance(InstanceId: string): Promise<void> {
      const end = { InstanceId, ShouldDecrementDesiredCapacity: true };
      await autoScaling.send(new TerminateInstanceInAutoScalingGroupCommand(end));
    },
    async runningInstances(): Promise<readonly string[]> {
      const Filters = [{ Name: "instance-state-name", Values: ["pending", "running", "shutting-down"] }];
      const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ Filters }));
      return Reservations.flatMap(({ Instances = [] }) =>
        Instances.map(({ InstanceId }) => String(InstanceId)),
      );
    },
  };
}

async function createGroup(
  ec2: EC2Client,
  autoScaling: AutoScalingClient,
  name: string,
  maxSize: number,
): Promise<void> {
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  const { Images = [] } = await ec2.send(new DescribeImagesCommand({ Owners: ["amazon"] }));
  await ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: name,
      LaunchTemplateData: { ImageId: String(Images[0]?.ImageId), InstanceType: "c5.xlarge" },
    }),
  );
  await autoScaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: name,
      MinSize: 0,
      MaxSize: maxSize,
      DesiredCapacity: 0,
      VPCZoneIdentifier: String(Subnets[0]?.SubnetId),
      LaunchTemplate: { LaunchTemplateName: name, Version: "$Latest" },
    }),
  );
}
