import { expect, test } from "@jest/globals";
import type { JobRegistry } from "../../../../agent/jobs/ports.js";
import { countingEnds } from "../../../../agent/watching/counting.js";
import { createMetrics, type MetricSources, newCounts } from "../../../../agent/watching/metrics.js";

const sources = (overrides: Partial<MetricSources> = {}): MetricSources => ({
  probes: () => [
    { name: "shared", isPassing: true },
    { name: "mpi", isPassing: false },
  ],
  generation: () => 7,
  nodesByState: () => new Map([["ready", 3]]),
  isJobRunning: () => true,
  pendingLogs: async () => 2,
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
  const registry = { update: async () => true } as unknown as JobRegistry;
  await countingEnds(registry, counts).update("j", 7, { status: "FAILED" });
  await countingEnds(registry, counts).update("j", 7, { phase: "running" });
  expect(await linesOf(sources({ counts }))).toEqual([
    "muster_head 1",
    "muster_lease_generation 7",
    "muster_job_running 1",
    "muster_logs_pending 2",
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
    'muster_jobs_ended_total{status="FAILED"} 1',
  ]);
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
  await countingEnds(registry, counts).update("j", 7, { status: "FAILED" });
  expect(counts.jobsEnded.size).toBe(0);
});
