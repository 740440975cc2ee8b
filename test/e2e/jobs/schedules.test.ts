import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { openTable, perform } from "../../../agent/aws/table.js";
import type { JobSchedule } from "../../../agent/contract/job-schedule.js";
import type { ObservedCluster } from "../../../agent/contract/nodes.js";
import type { JobDefinitionItem } from "../../../agent/contract/registry.js";
import { definitionWrites } from "../../../agent/contract/writes/job-definition.js";
import type { JobSummary } from "../../../scripts/cli/core/ports.js";
import { openAccess } from "../../../scripts/journey/steps.js";
import { waitFor } from "../../../scripts/system/wait.js";
import { runInNode } from "../../support/journey.js";
import {
  leaveSharedCluster,
  type SharedJourney,
  useSharedCluster,
} from "../../support/shared-cluster/use.js";

const MINUTE_MS = 60_000;

let journey: SharedJourney;
let cluster: ObservedCluster;
beforeAll(async () => {
  ({ journey, cluster } = await useSharedCluster());
}, 6 * MINUTE_MS);
afterAll(async () => {
  if (journey === undefined) return;
  for (const definition of defined) await write(definitionWrites.delete(definition));
  await leaveSharedCluster(journey);
}, 2 * MINUTE_MS);

const place = () => journey.place.workspace;
const access = () => openAccess(place().org, place().region);

const defined: JobDefinitionItem[] = [];

/** Writes as Terraform's provider does. */
async function write(legalWrite: Parameters<typeof perform>[1]): Promise<void> {
  const table = openTable(place().org, cluster.uuid, place().region);
  expect(await perform(table, legalWrite)).toBe(true);
  table.client.destroy();
}

/** Keeps a definition until the end of this file. */
async function define(name: string, schedule: JobSchedule): Promise<void> {
  const at = new Date().toISOString();
  const definition: JobDefinitionItem = {
    ...{ id: `d-${name}`, clusterUuid: cluster.uuid, name, revision: 1, run: "manual", triggers: {} },
    request: { command: ["-c", "print('a slot')"] },
    ...{ schedule, createdAt: at, updatedAt: at },
  };
  await write(definitionWrites.create(definition));
  defined.push(definition);
}

const jobsOf = async (name: string): Promise<readonly JobSummary[]> =>
  (await Array.fromAsync(access().jobs.each(cluster.uuid))).filter(
    ({ definition }) => definition?.name === name,
  );

const firstEnd = (name: string, timeoutSeconds: number) =>
  waitFor({
    what: `a job of ${name} to end`,
    timeoutSeconds,
    look: () => jobsOf(name),
    isDone: (jobs) => jobs.some(({ endedAt }) => endedAt !== null),
    describe: (jobs) =>
      jobs.map(({ slot, status, phase }) => `${slot} ${status} ${phase}`).join(", ") || "none",
  });

/** Stops or continues the agent of a node: nothing of it runs meanwhile, and it does not know that. */
const signalAgent = (instanceId: string, signal: "STOP" | "CONT") =>
  runInNode(journey.place, instanceId, [
    "systemctl",
    "kill",
    "--kill-whom=main",
    `--signal=${signal}`,
    "muster-agent",
  ]);

test(
  "a minutely schedule submits a job in its minute, with the slot and who submitted it",
  async () => {
    const definedAt = new Date();
    await define("minutely", { cron: "* * * * *" });
    const [job] = [...(await firstEnd("minutely", 100))].reverse();
    const next = new Date(Math.floor(definedAt.getTime() / MINUTE_MS + 1) * MINUTE_MS).toISOString();
    expect(job).toMatchObject({
      slot: next,
      submittedBy: "schedule:minutely",
      status: "FINISHED",
      exitCode: 0,
    });
    expect((job?.submittedAt ?? "") >= next).toBe(true);
  },
  2 * MINUTE_MS,
);

test(
  "a head that is frozen over a slot, and wakes to another head: the slot has one job",
  async () => {
    const head = (await access().clusters.read(cluster.uuid))?.headInstanceId ?? "";
    const [before] = await access().jobs.schedules(cluster.uuid);
    const slot = new Date(Date.now() + 4_000).toISOString();
    expect((await signalAgent(head, "STOP")).exitCode).toBe(0);
    try {
      await define("once", { at: slot });
      await waitFor({
        what: "another head to submit the slot's job",
        timeoutSeconds: 60,
        look: () => jobsOf("once"),
        isDone: (jobs) => jobs.length > 0,
        describe: (jobs) => `${jobs.length} jobs`,
      });
    } finally {
      await signalAgent(head, "CONT");
    }
    await firstEnd("once", 60);
    expect(await jobsOf("once")).toMatchObject([{ slot, submittedBy: "schedule:once", status: "FINISHED" }]);
    // Through both heads, each minute was decided, and once.
    const slots = (await jobsOf("minutely")).map(({ slot: own }) => own ?? "").sort();
    const schedules = await access().jobs.schedules(cluster.uuid);
    const minutely = schedules.find(({ name }) => name === "minutely");
    expect(new Set(slots).size).toBe(slots.length);
    const decided =
      (Date.parse(minutely?.scheduledThrough ?? "") - Date.parse(slots[0] ?? "")) / MINUTE_MS + 1;
    expect(slots.length + (minutely?.missedCount ?? 0)).toBe(decided);
    const once = schedules.find(({ name }) => name === "once");
    expect(once).toMatchObject({ lastSlot: slot, missedCount: 0 });
    expect(once?.leaseGeneration).toBeGreaterThan(before?.leaseGeneration ?? Number.POSITIVE_INFINITY);
  },
  3 * MINUTE_MS,
);
