import { randomUUID } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe } from "@jest/globals";
import { createClusterStore } from "../../../agent/aws/cluster-store.js";
import { createJobRegistry } from "../../../agent/aws/job-registry.js";
import { createJobSubmissions } from "../../../agent/aws/job-submissions.js";
import { createLeaseStore } from "../../../agent/aws/lease-store.js";
import { createScheduleRegistry } from "../../../agent/aws/schedule-registry.js";
import { type ClusterTable, perform, withoutKeys } from "../../../agent/aws/table.js";
import { definitionWrites } from "../../../agent/contract/writes/job-definition.js";
import { nodeWrites } from "../../../agent/contract/writes/node.js";
import type { Key } from "../../../agent/contract/writes/write.js";
import { isUnreadable } from "../../../agent/jobs/ports.js";
import { awsJobDefinitions } from "../../../provider/aws/job-definitions.js";
import { awsJobs } from "../../../provider/aws/jobs.js";
import { createPerformer } from "../../../provider/aws/perform.js";
import { awsRegistry } from "../../../provider/aws/registry.js";
import * as sdk from "../../../provider/aws/sdk/org.js";
import { registryJobs } from "../../../scripts/cli/access/jobs.js";
import { nodeItem } from "../../support/agent/cluster-item.js";
import { createClusterTable } from "../../support/agent/registry-table.js";
import type { TestEmulator } from "../../support/emulator.js";
import { EMULATORS } from "../../support/emulators.js";
import { describeClusterRegistry } from "../../support/ports/cluster-registry.js";
import { describeJobDefinitions } from "../../support/ports/job-definitions.js";
import { describeJobRegistry } from "../../support/ports/job-registry.js";
import { describeLeaseStore } from "../../support/ports/lease-store.js";
import { describeNodeStore } from "../../support/ports/node-store.js";
import { describeScheduleRegistry } from "../../support/ports/schedule-registry.js";
import { describeSubmissions, type SubmissionsUnderTest } from "../../support/ports/submissions.js";
import { describeTable } from "../../support/ports/table.js";

const signal = new AbortController().signal;
const PLACE = { org: "acme", region: "us-east-1", signal, credentialsRefused: (refusal: never) => refusal };

describe.each(EMULATORS)("on $name", ({ start }) => {
  let emulator: TestEmulator;
  let table: ClusterTable;
  let dynamo: sdk.DynamoDBDocumentClient;

  beforeAll(async () => {
    emulator = await start();
    table = await createClusterTable(emulator);
    dynamo = sdk.DynamoDBDocumentClient.from(new DynamoDBClient(emulator.client));
  });
  afterAll(async () => {
    table.client.destroy();
    dynamo.destroy();
    await emulator.stop();
  });

  /** The table, with a cluster of its own. */
  const ownTable = (): ClusterTable => ({ ...table, clusterUuid: randomUUID() });

  async function get(Key: Key): Promise<Record<string, unknown> | null> {
    const { Item } = await table.client.send(
      new GetCommand({ TableName: table.TableName, Key, ConsistentRead: true }),
    );
    return Item === undefined ? null : withoutKeys(Item);
  }

  /** As the commands reach the jobs. */
  function commandJobs({ client, TableName }: ClusterTable) {
    const call = <T>(_doing: string, run: () => Promise<T>) => run();
    const nudges = {
      approach: () => {},
      approached: async () => {},
      offer: async () => null,
      after: (_job: object, write: () => Promise<boolean>) => write(),
      settled: async () => {},
    };
    const parking = {
      of: () => {
        throw new Error("nothing is submitted through it here");
      },
    };
    return registryJobs({ client, TableName, aborting: { abortSignal: signal }, call }, nudges, parking);
  }

  /** A way in, and what a head sees of it. */
  function underTest(
    make: (
      own: ClusterTable,
    ) => Pick<SubmissionsUnderTest, "submit" | "refuse" | "places" | "cancelQueued" | "requestCancel">,
  ): SubmissionsUnderTest {
    const own = ownTable();
    const registry = createJobRegistry(own);
    return {
      clusterUuid: own.clusterUuid,
      ...make(own),
      read: ({ id }) => registry.read(id),
      claim: ({ id }) => registry.claim(id, 1),
      queue: async () =>
        (await registry.queue()).map((entry) => (isUnreadable(entry) ? entry.key : entry.id)),
    };
  }

  describe("the agent", () => {
    describeTable(() => {
      const own = ownTable();
      return { clusterUuid: own.clusterUuid, perform: (write) => perform(own, write), get };
    });
    describeNodeStore(() => createClusterStore(ownTable()));
    describeLeaseStore(() => createLeaseStore(ownTable(), 15_000));
    describeJobRegistry(() => {
      const own = ownTable();
      const { submit } = createJobSubmissions(own);
      return {
        clusterUuid: own.clusterUuid,
        registry: createJobRegistry(own),
        submit,
        attempts: (id) => commandJobs(own).attempts(own.clusterUuid, id),
      };
    });
    describeScheduleRegistry(() => {
      const own = ownTable();
      const jobs = createJobRegistry(own);
      return {
        clusterUuid: own.clusterUuid,
        registry: createScheduleRegistry(own),
        define: (definition) => perform(own, definitionWrites.create(definition)),
        claim: ({ id }) => jobs.claim(id, 1),
        finish: ({ id }) => jobs.update(id, 1, { status: "FINISHED", phase: "ended" }),
        readJob: ({ id }) => jobs.read(id),
        shown: () => commandJobs(own).schedules(own.clusterUuid),
      };
    });
    describeSubmissions(() =>
      underTest((own) => {
        const { submit, refuse, queue, cancelQueued, requestCancel } = createJobSubmissions(own);
        return {
          submit,
          refuse,
          places: queue,
          cancelQueued: ({ id }, why, at) => cancelQueued(id, why, at),
          requestCancel: ({ id }) => requestCancel(id),
        };
      }),
    );
  });

  describe("the commands", () => {
    describeSubmissions(() =>
      underTest((own) => {
        const { clusterUuid } = own;
        const jobs = commandJobs(own);
        return {
          submit: jobs.submit,
          refuse: jobs.refuse,
          places: () => jobs.queue(clusterUuid),
          cancelQueued: ({ id }, why, at) => jobs.cancelQueued(clusterUuid, id, why, at),
          requestCancel: ({ id }) => jobs.requestCancel(clusterUuid, id),
        };
      }),
    );
  });

  describe("the provider", () => {
    describeTable(() => ({
      clusterUuid: randomUUID(),
      perform: (write) => createPerformer(sdk, dynamo, table.TableName, signal).write(write),
      get,
    }));
    describeSubmissions(() =>
      underTest(({ clusterUuid }) => {
        const jobs = awsJobs(sdk, dynamo, PLACE, (_job, write) => write());
        return { ...jobs, places: () => jobs.queue(clusterUuid) };
      }),
    );
    describeJobDefinitions(() => ({
      clusterUuid: randomUUID(),
      definitions: awsJobDefinitions(sdk, dynamo, PLACE),
    }));
    describeClusterRegistry(() => ({
      registry: awsRegistry(sdk, dynamo, PLACE),
      unused: () => ({ uuid: randomUUID(), name: `c-${randomUUID().slice(0, 8)}` }),
      async reportNode(uuid, node) {
        await perform(table, nodeWrites.report(uuid, 1, nodeItem(node)));
      },
    }));
  });
});
