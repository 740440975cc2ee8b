import {
  DescribeTableCommand,
  type DynamoDBClient,
  ListTagsOfResourceCommand,
  paginateListTables,
} from "@aws-sdk/client-dynamodb";
import {
  DescribeMountTargetsCommand,
  type EFSClient,
  paginateDescribeAccessPoints,
  paginateDescribeFileSystems,
} from "@aws-sdk/client-efs";
import { GetBucketTaggingCommand, paginateListBuckets, type S3Client } from "@aws-sdk/client-s3";
import pMap from "p-map";
import type { Candidate } from "../candidate.js";
import { CALLS_AT_ONCE, type LeftoverProbe } from "../probe.js";
import { collectPages, toTags } from "./tags.js";

/** What stores data. */
export function storageProbes(efs: EFSClient, s3: S3Client, dynamo: DynamoDBClient): LeftoverProbe[] {
  return [
    { what: "file systems", list: () => listFileSystems(efs) },
    {
      what: "file system access points",
      list: async () =>
        collectPages(
          paginateDescribeAccessPoints({ client: efs }, {}),
          (page) => page.AccessPoints,
          (point) => ({
            kind: "file system access point",
            id: point.AccessPointId ?? "",
            tags: toTags(point.Tags),
            within: point.FileSystemId === undefined ? [] : [point.FileSystemId],
            status: "live",
          }),
        ),
    },
    {
      what: "buckets",
      list: async () => {
        const buckets = await collectPages(
          paginateListBuckets({ client: s3 }, {}),
          (page) => page.Buckets,
          ({ Name = "" }) => Name,
        );
        return pMap(buckets, (name) => describeBucket(s3, name), CALLS_AT_ONCE);
      },
    },
    {
      what: "tables",
      list: async () => {
        const names = await collectPages(
          paginateListTables({ client: dynamo }, {}),
          (page) => page.TableNames,
          (name) => name,
        );
        return pMap(names, (name) => describeTable(dynamo, name), CALLS_AT_ONCE);
      },
    },
  ];
}

/** File systems and their mount targets, which can be listed by file system only. */
async function listFileSystems(efs: EFSClient): Promise<Candidate[]> {
  const systems = await collectPages(
    paginateDescribeFileSystems({ client: efs }, {}),
    (page) => page.FileSystems,
    ({ FileSystemId = "", Tags, LifeCycleState }) => ({ FileSystemId, Tags, LifeCycleState }),
  );
  const targetsOf = async ({ FileSystemId }: (typeof systems)[number]) => {
    const { MountTargets } = await efs.send(new DescribeMountTargetsCommand({ FileSystemId }));
    return MountTargets ?? [];
  };
  const targets = await pMap(systems, targetsOf, CALLS_AT_ONCE);
  return [
    ...systems.map(
      (system): Candidate => ({
        kind: "file system",
        id: system.FileSystemId,
        tags: toTags(system.Tags),
        status: system.LifeCycleState === "deleted" ? "gone" : "live",
      }),
    ),
    ...targets.flat().map(
      (target): Candidate => ({
        kind: "mount target",
        id: target.MountTargetId ?? "",
        within: [target.FileSystemId ?? ""],
        status: target.LifeCycleState === "deleted" ? "gone" : "live",
      }),
    ),
  ];
}

/** It has no tags, or was deleted meanwhile, or we may not read it, or it is in another region. */
const ONLY_ITS_NAME_TELLS = new Set([
  "NoSuchTagSet",
  "NoSuchBucket",
  "AccessDenied",
  "PermanentRedirect",
  "AuthorizationHeaderMalformed",
]);

async function describeBucket(s3: S3Client, name: string): Promise<Candidate> {
  try {
    const { TagSet } = await s3.send(new GetBucketTaggingCommand({ Bucket: name }));
    return { kind: "bucket", id: name, tags: toTags(TagSet), status: "live" };
  } catch (error) {
    if (!ONLY_ITS_NAME_TELLS.has((error as Error).name)) throw error;
    return { kind: "bucket", id: name, status: "live" };
  }
}

async function describeTable(dynamo: DynamoDBClient, name: string): Promise<Candidate> {
  const { Table } = await dynamo.send(new DescribeTableCommand({ TableName: name }));
  const { Tags } = await dynamo.send(new ListTagsOfResourceCommand({ ResourceArn: Table?.TableArn }));
  return { kind: "table", id: name, tags: toTags(Tags), status: "live" };
}
