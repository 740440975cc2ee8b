import { expect, test } from "@jest/globals";
import type { JobRegistry } from "../../../../agent/jobs/ports.js";
import { countingEnds } from "../../../../agent/watching/counting.js";
import { createMetrics, type MetricSources, newCounts } from "../../../../agent/watching/metrics.js";
import { pendingLogs } from "../../../../agent/watching/pending-logs.js";
import { manualClock } from "../../../support/manual-clock.js";

const sources = (overrides: Partial<MetricSources> = {}): MetricSources => ({
  probes: () => [
    { name: "shared", isPassing: true },
    { name: "mpi", isPassing: false },
  ],
  generation: () => 7,
  nodesByState: () => new Map([["ready", 3]]),
  isJobRunning: () => true,
  pendingLogs: async () => ({ attempts: 2, bytes: 4_096 }),
  idleSecondsLeft: () => 90,
  counts: newCounts(),
  ...overrides,
});
const linesOf = async (of: MetricSources) => {
  const { contentType, text } = await createMetrics(of).render();
  expect(contentType).toContain("text/plain; version=0.0.4");
  return text.split("\n").filter((line) => line.startsWith("muster_") && !line.startsWith("muster_agent_"));
};

test("the head's figures", async () => {
  const counts = newCounts();
  counts.registryCalls.answered = 5;
  const clock = manualClock();
  const registry = countingEnds({ update: async () => true } as unknown as JobRegistry, counts, clock);
  await registry.update("j", 7, { phase: "running" });
  clock.advance(12_500);
  await registry.update("j", 7, { status: "FAILED" });
  // An earlier head has begun it.
  await registry.update("adopted", 7, { status: "FAILED" });
  expect(await linesOf(sources({ counts }))).toEqual([
    "muster_head 1",
    "muster_lease_generation 7",
    "muster_job_running 1",
    "muster_logs_pending 2",
    "muster_log_bytes_pending 4096",
    "muster_idle_seconds_left 90",
    'muster_probe_passing{probe="shared"} 1',
    'muster_probe_passing{probe="mpi"} 0',
    'muster_nodes{state="booting"} 0',
    'muster_nodes{state="ready"} 3',
    'muster_nodes{state="busy"} 0',
    'muster_nodes{state="unready"} 0',
    'muster_nodes{state="draining"} 0',
    'muster_nodes{state="stopping"} 0',
    'muster_registry_calls_total{result="answered"} 5',
    'muster_registry_calls_total{result="failed"} 0',
    'muster_jobs_ended_total{status="FAILED"} 2',
    'muster_job_run_seconds_total{status="FAILED"} 12.5',
  ]);
});

test("nothing is said of the time left where something keeps the cluster awake", async () => {
  let left: number | null = 30;
  const metrics = createMetrics(sources({ idleSecondsLeft: () => left }));
  expect((await metrics.render()).text).toContain("\nmuster_idle_seconds_left 30\n");
  left = null;
  expect((await metrics.render()).text).not.toContain("\nmuster_idle_seconds_left");
});

test("the bytes on the way to the bucket are those of all attempts that have records", async () => {
  const ids = async () => [1, 2, 3].map((attempt) => ({ jobId: "j", attempt }));
  const sizes = [100, 20, null];
  const outputs = { measure: async ({ attempt }: { attempt: number }) => sizes[attempt - 1] ?? null };
  expect(await pendingLogs({ ids, outputs })).toEqual({ attempts: 3, bytes: 120 });
});

test("a worker says nothing of other nodes", async () => {
  const lines = await linesOf(sources({ generation: () => null, nodesByState: () => null }));
  expect(lines).toContain("muster_head 0");
  expect(lines.filter((line) => line.startsWith("muster_nodes"))).toEqual([]);
});

test("each request shows what holds then, and the agent's memory and event loop", async () => {
  let running = true;
  const metrics = createMetrics(sources({ isJobRunning: () => running }));
  const first = (await metrics.render()).text;
  expect(first).toContain("muster_agent_process_resident_memory_bytes ");
  expect(first).toContain("muster_agent_nodejs_eventloop_lag_p99_seconds ");
  running = false;
  expect((await metrics.render()).text).toContain("muster_job_running 0");
});

test("a job that another head has taken is not counted", async () => {
  const counts = newCounts();
  const registry = { update: async () => false } as unknown as JobRegistry;
  await countingEnds(registry, counts, manualClock()).update("j", 7, { status: "FAILED" });
  expect(counts.jobsEnded.size).toBe(0);
});
