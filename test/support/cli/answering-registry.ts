import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { META_SK, nameKey, partitionKeyed } from "../../../agent/contract/keys.js";
import { CLUSTER_UUID, clusterItem } from "../agent/cluster-item.js";
import { jobRecord, queuedJob } from "../agent/jobs.js";

/** An org's registry that answers reads at once, with one cluster and its jobs. */
export interface AnsweringRegistry {
  /** What names it. */
  readonly env: Readonly<Record<string, string>>;
  /** The words that name the cluster to the command; and the org's name and its own. */
  readonly place: readonly string[];
  readonly names: readonly [org: string, cluster: string];
  /** The calls since it was last asked. */
  calls(): readonly string[];
  stop(): Promise<void>;
}

const ORG = "acme";
const CLUSTER = "alpha";
const READY = { desiredNodes: 2, knownNodes: 2, readyNodes: 2, hostfileNodes: 2, cores: 4 } as const;

/** Nothing of it takes time that a start would wait for, as an emulator's answers do. */
export async function startAnsweringRegistry(): Promise<AnsweringRegistry> {
  let calls: string[] = [];
  const server = createServer(async (request, reply) => {
    const called = String(request.headers["x-amz-target"]).replace(/^.*\./, "");
    calls.push(called);
    const text = JSON.stringify(answer(called, (await json(request)) as Asked));
    reply.writeHead(200, { "content-type": "application/x-amz-json-1.0" }).end(text);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    env: {
      ...{ AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`, AWS_REGION: "us-east-1" },
      ...{ AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" },
    },
    place: ["--org", ORG, "--cluster", CLUSTER],
    names: [ORG, CLUSTER],
    calls: () => {
      const made = calls;
      calls = [];
      return made;
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

interface Asked {
  readonly Key?: Readonly<Record<string, { readonly S: string }>>;
  readonly ExpressionAttributeValues?: Readonly<Record<string, unknown>>;
}

const named = (name: string, clusterUuid: string) => ({
  ...nameKey(ORG, name),
  ...{ clusterUuid, since: "2026-01-01T00:00:00.000Z" },
});
/** The second has just gone. */
const NAMES = [named(CLUSTER, CLUSTER_UUID), named("beta", "5d3f5a52-0d1b-4c43-9a0e-6d1f6b2f5a10")];
const ITEMS: readonly Readonly<Record<string, unknown>>[] = [
  ...NAMES,
  {
    ...partitionKeyed(CLUSTER_UUID, META_SK),
    ...clusterItem({ name: CLUSTER, clusterStatus: "FINISHED", phase: "ready", ...READY }),
  },
];
const JOBS = ["a", "b", "c"].map((key) => jobRecord(queuedJob(key)));

function answer(called: string, { Key, ExpressionAttributeValues = {} }: Asked): object {
  if (called === "Query") return { Items: queried(Object.keys(ExpressionAttributeValues)).map(attributes) };
  const item = ITEMS.find(({ pk, sk }) => pk === Key?.["pk"]?.S && sk === Key?.["sk"]?.S);
  return item === undefined ? {} : { Item: attributes(item) };
}

/** The queries have each their own names of values. */
function queried(values: readonly string[]): readonly object[] {
  if (values.includes(":names")) return NAMES;
  return values.includes(":prefix") ? JOBS : [];
}

function attributes(item: object): Readonly<Record<string, object>> {
  const present = Object.entries(item).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present.map(([name, value]) => [name, attribute(value)]));
}

/** As DynamoDB writes a value. */
function attribute(value: unknown): object {
  if (value === null) return { NULL: true };
  if (Array.isArray(value)) return { L: value.map(attribute) };
  switch (typeof value) {
    case "string":
      return { S: value };
    case "number":
      return { N: String(value) };
    case "boolean":
      return { BOOL: value };
    default:
      return { M: attributes(value as object) };
  }
}
