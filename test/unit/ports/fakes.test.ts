import { describe } from "@jest/globals";
import type { ScheduleItem } from "../../../agent/contract/job-schedule-state.js";
import { scheduleSk } from "../../../agent/contract/keys.js";
import { definitionWrites } from "../../../agent/contract/writes/job-definition.js";
import { CLUSTER_UUID } from "../../support/agent/cluster-item.js";
import { fakeRegistry } from "../../support/agent/fake-jobs.js";
import { leaseTable } from "../../support/agent/lease-table.js";
import { FakeWorld } from "../../support/cli/fake-world.js";
import { memorySubmissions } from "../../support/memory-jobs.js";
import { memoryNodes } from "../../support/memory-nodes.js";
import { memorySchedules } from "../../support/memory-schedules.js";
import { memoryItems, memoryTable, withoutKeys } from "../../support/memory-table.js";
import { describeJobDefinitions } from "../../support/ports/job-definitions.js";
import { describeJobRegistry } from "../../support/ports/job-registry.js";
import { describeLeaseStore } from "../../support/ports/lease-store.js";
import { describeNodeStore } from "../../support/ports/node-store.js";
import { describeScheduleRegistry } from "../../support/ports/schedule-registry.js";
import { describeSubmissions, type SubmissionsUnderTest } from "../../support/ports/submissions.js";
import { describeTable } from "../../support/ports/table.js";
import { memoryJobs } from "../../support/provider/memory-jobs.js";

const clusterUuid = CLUSTER_UUID;

describe("in memory", () => {
  describeTable(() => {
    const table = memoryTable();
    return {
      clusterUuid,
      perform: async (write) => table.perform(write),
      async get(key) {
        const item = table.get(key);
        return item === null ? null : withoutKeys(item);
      },
    };
  });

  describe("the keeper's tests", () => describeLeaseStore(leaseTable));

  describe("the head's tests", () => describeNodeStore(() => memoryNodes(memoryTable())));

  describe("the runner's tests", () =>
    describeJobRegistry(() => {
      const { table, registry, attempt } = fakeRegistry();
      const attempts = async (id: string) => [1, 2].flatMap((number) => attempt(id, number) ?? []);
      return { clusterUuid, registry, submit: memorySubmissions(table).submit, attempts };
    }));

  describe("the scheduler's tests", () =>
    describeScheduleRegistry(() => {
      const { table, registry } = fakeRegistry();
      return {
        clusterUuid,
        registry: memorySchedules(table),
        shown: async () => memoryItems<ScheduleItem>(table, scheduleSk).values(),
        define: async (definition) => table.perform(definitionWrites.create(definition)),
        claim: ({ id }) => registry.claim(id, 1),
        finish: ({ id }) => registry.update(id, 1, { status: "FINISHED", phase: "ended" }),
        readJob: ({ id }) => registry.read(id),
      };
    }));

  describe("the HTTP API's tests", () =>
    describeSubmissions(() => {
      const { table, registry } = fakeRegistry();
      const { submit, refuse, queue, cancelQueued, requestCancel } = memorySubmissions(table);
      return {
        clusterUuid,
        submit,
        refuse,
        places: queue,
        cancelQueued: ({ id }, why, at) => cancelQueued(id, why, at),
        requestCancel: ({ id }) => requestCancel(id),
        read: ({ id }) => registry.read(id),
        claim: ({ id }) => registry.claim(id, 1),
        queue: async () => (await registry.queue()).map(({ id }) => id),
      };
    }));

  describe("the commands' tests", () =>
    describeSubmissions((): SubmissionsUnderTest => {
      const world = new FakeWorld();
      const { jobs } = world.openNow({
        org: "acme",
        region: "us-east-1",
        signal: new AbortController().signal,
      });
      return {
        clusterUuid,
        submit: jobs.submit,
        refuse: jobs.refuse,
        places: () => jobs.queue(clusterUuid),
        cancelQueued: ({ id }, why, at) => jobs.cancelQueued(clusterUuid, id, why, at),
        requestCancel: ({ id }) => jobs.requestCancel(clusterUuid, id),
        read: ({ id }) => jobs.read(clusterUuid, id),
        claim: async (job) => world.jobs.set(job.id, { ...job, status: "INPROGRESS" }),
        queue: async () => (await jobs.queue(clusterUuid)).map(({ id }) => id),
      };
    }));

  describe("the provider's tests", () => {
    describeSubmissions((): SubmissionsUnderTest => {
      const { client, jobs } = memoryJobs();
      return {
        clusterUuid,
        ...client.jobs,
        places: () => client.jobs.queue(clusterUuid),
        read: ({ id }) => client.jobs.read(clusterUuid, id),
        claim: async (job) => jobs.set(job.id, { ...job, status: "INPROGRESS" }),
        queue: async () => jobs.values().flatMap(({ id, endedAt }) => (endedAt === null ? [id] : [])),
      };
    });
    describeJobDefinitions(() => ({ clusterUuid, definitions: memoryJobs().client.definitions }));
  });
});
