import { SSMClient } from "@aws-sdk/client-ssm";
import { eventItem } from "../../../agent/contract/event.js";
import { IMAGE_TAG } from "../../../agent/contract/image/names.js";
import { newJob } from "../../../agent/contract/job.js";
import {
  clusterPk,
  EVENT_SK_PREFIX,
  eventSk,
  META_SK,
  NAME_SK_PREFIX,
} from "../../../agent/contract/keys.js";
import { TAG } from "../../../agent/contract/names.js";
import { clusterItem } from "../agent/cluster-item.js";
import { notebookItem } from "../notebook-item.js";

/** What the SDK's clients are asked. */
interface Command {
  readonly constructor: { readonly name: string };
  readonly input: Readonly<Record<string, unknown>>;
}

/** An org in AWS that has as many of everything: each is made when it is asked for, and long, so that all of them take much memory. */
export interface VastOrg {
  /** From now on there are so many of each. `onRead` hears of each page, and of each item that is read by itself: of which pass, and how many it has given. */
  begin(count: number, onRead: (pass: string, given: number) => void): void;
  restore(): void;
}

const DAY_MS = 86_400_000;
const NEWEST_MS = Date.parse("2025-12-31T00:00:00.000Z");
/** A text of its own, of so many bytes. By way of bytes: padded, many texts would share one in memory. */
const long = (index: number, bytes = 6_000): string => Buffer.alloc(bytes, `${index} `).toString("latin1");
const padded = (index: number): string => String(index).padStart(6, "0");
const uuidOf = (index: number): string => `00000000-0000-4000-8000-000000${padded(index)}`;
const indexOf = (text: string): number => Number(/(\d{6})(?:\D*)$/.exec(text)?.[1]);
const submittedAt = (index: number): string =>
  new Date(NEWEST_MS - ((index * 7_919) % 99_991) * 1_000).toISOString();

const cluster = (index: number) => ({
  ...clusterItem({
    uuid: uuidOf(index),
    name: `c-${padded(index)}`,
    clusterStatus: "FAILED",
    phase: "waiting-for-nodes",
  }),
  reason: long(index),
  usage: { open: { since: "2026-01-01T00:00:00.000Z", nodes: 1, instanceType: "c5.large" }, toRecord: [] },
});
const job = (index: number) => ({
  ...newJob(
    uuidOf(0),
    `k-${index}`,
    { command: [`train-${padded(index)}.py`, long(index)] },
    new Date(submittedAt(index)),
  ),
  ...{ id: `job-${padded(index)}`, definition: { id: "d", name: `d-${padded(index)}`, revision: 1 } },
  ...{
    status: "FINISHED",
    phase: "ended",
    attempt: 1,
    submittedBy: `arn:aws:iam::123456789012:user/u-${index}`,
  },
  ...{ claimedAt: "2026-01-01T00:01:00.000Z", endedAt: "2026-01-01T00:02:00.000Z", exitCode: 0 },
  usage: { nodes: 1, silentNodes: 0, cpuSeconds: 1, peakMemoryBytes: 1, peakMemoryAddress: "10.0.0.1" },
});
const definition = (index: number) => ({
  ...{ id: `i-${index}`, name: `d-${padded(index)}`, revision: 1, clusterUuid: uuidOf(0), run: "manual" },
  request: { command: ["n.py", long(index)] },
});
const event = (index: number) => {
  const at = new Date(NEWEST_MS - DAY_MS + index * 1_000);
  return eventItem({ code: "cluster-ready", text: long(index) }, `e-${padded(index)}`, at);
};
const notebook = (index: number) => ({
  ...notebookItem({ name: `n-${padded(index)}`, clusterUuid: uuidOf(index) }),
  reason: long(index),
});
const usageRecord = (index: number) => ({
  ...{ clusterUuid: uuidOf(index), clusterName: `c-${padded(index)}`, instanceType: "c5.large", nodes: 2 },
  ...{ from: "2026-01-01T00:00:00.000Z", to: "2026-01-01T00:05:00.000Z" },
});
const ami = (index: number) => ({
  ...{ ImageId: `ami-${padded(index)}`, State: "available", CreationDate: "2026-01-01T00:00:00.000Z" },
  BlockDeviceMappings: [{ Ebs: { SnapshotId: `snap-${padded(index)}` } }],
  Description: long(index),
  Tags: [
    { Key: TAG.IMAGE, Value: "x" },
    { Key: IMAGE_TAG.BUILD, Value: `mpi-1.${index}.0-1f3a9c2b` },
  ],
});
const account = (index: number): string => String(100_000_000_000 + index);

/** Takes the place of AWS for the SDK's clients of this process. */
export function startVastOrg(): VastOrg {
  let org = { count: 0, onRead: (_pass: string, _given: number): void => undefined };
  let given = new Map<string, number>();
  const gives = (pass: string, items: number): void => {
    const sum = (given.get(pass) ?? 0) + items;
    given.set(pass, sum);
    org.onRead(pass, sum);
  };

  /** A page of the items from `start` on, or back from the newest. */
  function page<T>(
    input: Command["input"],
    make: (index: number) => T,
    size: number,
  ): { items: T[]; next: number | null } {
    const from =
      (input["ExclusiveStartKey"] as { at: number } | undefined)?.at ?? Number(input["NextToken"] ?? 0);
    const to = Math.min(org.count, from + size);
    const { ExpressionAttributeValues, ProjectionExpression } = input;
    gives(JSON.stringify([ExpressionAttributeValues, ProjectionExpression]), to - from);
    const isBack = input["ScanIndexForward"] === false;
    const items = Array.from({ length: to - from }, (_, at) =>
      make(isBack ? org.count - 1 - from - at : from + at),
    );
    return { items, next: to < org.count ? to : null };
  }
  function query(input: Command["input"]) {
    const values = input["ExpressionAttributeValues"] as Readonly<Record<string, string>>;
    const make = makerOf(input, values);
    if (make === null) return { Items: [] };
    const { items, next } = page(input, make, Number(input["Limit"] ?? 250));
    return { Items: items, ...(next === null ? {} : { LastEvaluatedKey: { at: next } }) };
  }
  function makerOf(
    input: Command["input"],
    values: Readonly<Record<string, string>>,
  ): ((index: number) => unknown) | null {
    if (values[":status"] !== undefined)
      return values[":status"] === "FAILED" ? (index) => ({ pk: clusterPk(uuidOf(index)) }) : null;
    if (values[":month"] !== undefined) return usageRecord;
    if (values[":names"] !== undefined)
      return (index) => ({ sk: `${NAME_SK_PREFIX}c-${padded(index)}`, clusterUuid: uuidOf(index) });
    if (values[":notebooks"] !== undefined) return (index) => ({ sk: `NOTEBOOK#n-${padded(index)}` });
    if (values[":end"]?.startsWith(EVENT_SK_PREFIX)) {
      if (input["ProjectionExpression"] === undefined) return event;
      return (index) => ({ sk: eventSk(event(index).at, event(index).id) });
    }
    const prefix = values[":prefix"] ?? values[":jobs"] ?? "";
    if (prefix === "JOB#") return values[":pk"] === clusterPk(uuidOf(0)) ? jobFor(input) : null;
    return prefix === "JOBDEF#" ? definition : null;
  }
  /** As DynamoDB, it gives what is asked for. */
  function jobFor(input: Command["input"]): (index: number) => unknown {
    const names = new Set(
      Object.values(input["ExpressionAttributeNames"] as Readonly<Record<string, string>>),
    );
    return (index) => Object.fromEntries(Object.entries(job(index)).filter(([name]) => names.has(name)));
  }
  function item({ pk, sk }: { pk: string; sk: string }) {
    const at = indexOf(sk === META_SK ? pk : sk);
    gives(sk.slice(0, 4), 1);
    if (sk === META_SK) return cluster(at);
    if (sk.startsWith(NAME_SK_PREFIX)) return { clusterUuid: uuidOf(at) };
    if (sk.startsWith("NOTEBOOK#")) return pk.startsWith("ORG#") ? { clusterUuid: uuidOf(at) } : notebook(at);
    return job(at);
  }
  const answers: Readonly<Record<string, (input: Command["input"]) => object>> = {
    QueryCommand: query,
    GetCommand: ({ Key }) => ({ Item: item(Key as { pk: string; sk: string }) }),
    DescribeImagesCommand: (input) => {
      const { items, next } = page(input, ami, 1_000);
      return { Images: items, ...(next === null ? {} : { NextToken: String(next) }) };
    },
    DescribeImageAttributeCommand: () => {
      gives("the rights of images", 1);
      return { LaunchPermissions: Array.from({ length: 40 }, (_, index) => ({ UserId: account(index) })) };
    },
    DescribeSnapshotAttributeCommand: () => ({ CreateVolumePermissions: [] }),
    DescribeParametersCommand: (input) => {
      const name = (index: number) => ({
        Name: `/muster/acme/git/g-${padded(index)}`,
        Description: "password for github.com",
        LastModifiedDate: new Date(NEWEST_MS),
        Policies: [long(index)],
      });
      const { items, next } = page(input, name, 50);
      return { Parameters: items, ...(next === null ? {} : { NextToken: String(next) }) };
    },
    DescribeVolumesCommand: (input) => {
      const volume = (index: number) => ({
        VolumeId: `vol-${padded(index)}`,
        Tags: [
          { Key: TAG.ORG, Value: "acme" },
          { Key: "note", Value: long(index, 250) },
        ],
      });
      const { items, next } = page(input, volume, 500);
      return { Volumes: items, ...(next === null ? {} : { NextToken: String(next) }) };
    },
    GetCallerIdentityCommand: () => ({ Account: "123456789012", Arn: "arn:aws:iam::123456789012:user/ada" }),
  };
  const everyClient = Object.getPrototypeOf(SSMClient.prototype) as {
    send(command: Command): Promise<object>;
  };
  const { send } = everyClient;
  // By hand: a mock keeps what it was called with, and what it gave.
  everyClient.send = async ({ constructor: { name }, input }) => answers[name]?.(input) ?? {};
  return {
    begin(count, onRead) {
      org = { count, onRead };
      given = new Map();
    },
    restore: () => void Object.assign(everyClient, { send }),
  };
}
