import { afterEach, expect, test } from "@jest/globals";
import { pino } from "pino";
import type { NodeItem } from "../../../../agent/contract/registry.js";
import { createHead } from "../../../../agent/head/head.js";
import type { Head } from "../../../../agent/head/ports.js";
import { replacementLimits } from "../../../../agent/head/replacement-limits.js";
import { clusterItem, nodeItem, nodeSummary } from "../../../support/agent/cluster-item.js";
import { manualClock } from "../../../support/manual-clock.js";

const NODES = 1_000;
const HEARTBEAT_MS = 1_000;
let head: Head;
afterEach(() => head.stop());

test.each([
  ["as their dials are spread", 4],
  ["as a head without CPU takes them on", 12],
])(
  "a new head of 1,000 nodes takes none for lost while they come, %s, and leaves the hostfile as it is",
  async (_how, seconds) => {
    const clock = manualClock();
    const nodes = Array.from({ length: NODES }, (_, n) =>
      nodeSummary(`i-${n}`, { address: `10.0.${Math.floor(n / 250)}.${(n % 250) + 1}` }),
    );
    const [self] = nodes;
    if (self === undefined) throw new Error("no node");
    const hostfile: (string | null)[] = [];
    const ready: number[] = [];
    const reported: string[] = [];
    const meta = clusterItem({
      clusterStatus: "FINISHED",
      phase: "ready",
      desiredNodes: NODES,
      knownNodes: NODES,
      readyNodes: NODES,
    });
    head = createHead({
      ...{ instanceType: "c5.xlarge", note: () => {} },
      ...{ self, logBucket: "logs", clock, heartbeatMs: HEARTBEAT_MS, log: pino({ level: "silent" }) },
      cluster: {
        readCluster: async () => meta,
        recordUsage: async () => {},
        readNodes: async () => nodes.map((node) => nodeItem(node) as NodeItem),
        reportNode: async (_generation, { instanceId, failingProbes }) => {
          if (failingProbes.length > 0) reported.push(instanceId);
          return true;
        },
        forgetNode: async () => true,
        noteReplacements: async () => true,
        async writeObservation({ changes }) {
          ready.push(changes.readyNodes ?? Number.NaN);
          return true;
        },
      },
      hostfile: {
        path: "/shared/.hostfile",
        read: async () => null,
        write: async (text) => void hostfile.push(text),
      },
      failingProbes: () => [],
      notices: () => [],
      holdsWork: () => true,
      replacing: {
        readCluster: async () => meta,
        group: { instances: async () => [], end: async () => {}, setSize: async () => {} },
        lastWords: { keep: async () => "nothing is kept" },
        limits: replacementLimits(undefined),
      },
      generation: () => 2,
      isJobRunning: () => true,
      recheck: async () => [],
      cleaner: { look: () => {} },
      ...{ restMs: 5_000, isUnchanged: () => true, onRestEnd: () => {} },
      onTerm: () => {},
      onJobsMayStart: () => {},
    });
    async function pass(ms: number): Promise<void> {
      for (let passed = 0; passed < ms; passed += 100) {
        clock.advance(100);
        for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      }
    }
    head.start(2);
    for (let come = 100; come <= NODES; come += 100) {
      await pass(100 * seconds);
      for (const node of nodes.slice(0, come)) head.report(node, [], []);
      expect([reported, ready, hostfile, head.inTouch()]).toEqual([[], [], [], null]);
    }
    await pass(2_000);
    expect(reported).toEqual([]);
    expect(hostfile.map((text) => text?.trim().split("\n").length)).toEqual([NODES]);
    expect(head.inTouch()?.size).toBe(NODES);
    for (const count of ready) expect(count).toBe(NODES);
  },
);
