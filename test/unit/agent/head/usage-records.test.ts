import { expect, test } from "@jest/globals";
import { pino } from "pino";
import { type UsageItem, usageAt } from "../../../../agent/contract/usage.js";
import { planObservation } from "../../../../agent/head/observation.js";
import { createUsageRecords } from "../../../../agent/head/usage-records.js";
import { clusterItem } from "../../../support/agent/cluster-item.js";

const NOW = new Date("2026-11-26T11:00:00Z");
const ready = clusterItem({ clusterStatus: "FINISHED", phase: "ready" });
const open = usageAt(ready, "c5.xlarge", new Date("2026-11-26T10:00:00Z"));
const resized = { ...ready, desiredNodes: 3 };
const ended = usageAt({ ...resized, ...(open && { usage: open }) }, "c5.xlarge", NOW);
const meta = { ...resized, ...(ended && { usage: ended }) };
const log = pino({ level: "silent" });
const view = {
  ...{ headInstanceId: "i-a", leaseGeneration: 3, nodes: [], isJobRunning: false },
  ...{ hostfileNodes: [], logBucket: "logs", instanceType: "c5.xlarge", surplus: null },
};

test("ended intervals are recorded before they leave META, with the next write of what the head sees", async () => {
  const written: UsageItem[] = [];
  const records = createUsageRecords({ recordUsage: async (usage) => void written.push(usage) }, log);
  const recorded = await records.recorded(meta);
  expect(written).toMatchObject([{ from: "2026-11-26T10:00:00.000Z", to: NOW.toISOString(), nodes: 2 }]);
  expect(planObservation(recorded, view, NOW, meta)?.changes.usage).toEqual({ ...ended, toRecord: [] });
});

test("an interval that can't be recorded stays in META, and is recorded later", async () => {
  let isDown = true;
  const written: UsageItem[] = [];
  const recordUsage = async (usage: UsageItem) => {
    if (isDown) throw new Error("the registry is down");
    written.push(usage);
  };
  const records = createUsageRecords({ recordUsage }, log);
  expect(await records.recorded(meta)).toBe(meta);
  isDown = false;
  expect((await records.recorded(meta)).usage?.toRecord).toEqual([]);
  expect(written).toHaveLength(1);
});

test.each([
  ["no usage", ready],
  ["usage of which nothing has ended", { ...ready, ...(open && { usage: open }) }],
])("META with %s is given back as it is", async (_name, given) => {
  const records = createUsageRecords({ recordUsage: () => Promise.reject(new Error("no record")) }, log);
  expect(await records.recorded(given)).toBe(given);
});
