import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { eventItem } from "../../../../../agent/contract/event.js";
import { newJob } from "../../../../../agent/contract/job.js";
import type { AttemptItem } from "../../../../../agent/contract/job-attempt.js";
import type { ScheduleItem } from "../../../../../agent/contract/job-schedule-state.js";
import { SORT_KEY } from "../../../../../agent/contract/keys.js";
import { because, CANCELLED_ON_REQUEST } from "../../../../../agent/contract/reasons.js";
import type { JobDefinitionItem, LeaseItem, NotebookItem } from "../../../../../agent/contract/registry.js";
import { type JobUsageItem, usageItem } from "../../../../../agent/contract/usage.js";
import { LEGAL_WRITES } from "../../../../../agent/contract/writes/index.js";
import type { NodeFacts, NodeReport } from "../../../../../agent/contract/writes/node.js";
import type { NotebookObservation } from "../../../../../agent/contract/writes/notebook.js";
import type { Rule, Write } from "../../../../../agent/contract/writes/write.js";
import { clusterItem, CLUSTER_UUID as UUID } from "../../../../support/agent/cluster-item.js";

const AT = new Date("2026-01-01T00:00:00Z");
const cluster = clusterItem();
const lease = { holder: "i-a", generation: 2, renewal: 5 } as LeaseItem;
const job = newJob(UUID, "k", { command: ["pi.py"] }, AT);
const definition = {
  clusterUuid: UUID,
  name: "nightly",
  id: "d",
  owner: "o",
  revision: 1,
} as JobDefinitionItem;
const schedule = {
  clusterUuid: UUID,
  name: "nightly",
  definitionId: "d",
  leaseGeneration: 2,
} as ScheduleItem;
const claim = { owner: "o", group: "g", nodes: 2, since: AT.toISOString() };
const park = { at: AT.toISOString(), nodes: 2 };
const attempt = { clusterUuid: UUID, jobId: job.id, number: 1, leaseGeneration: 2 } as AttemptItem;
const notebook = {
  clusterUuid: UUID,
  name: "explore",
  org: "demo",
  owner: "o",
  status: "FINISHED",
  statusChangedAt: AT.toISOString(),
} as NotebookItem;
const { notebook: ofNotebook } = LEGAL_WRITES;
const { cluster: ofCluster, lease: ofLease, job: ofJob, definition: ofDefinition, name, node } = LEGAL_WRITES;

/** Each legal write once, or once for each form that it has. */
const EXAMPLES: {
  readonly [K in keyof typeof LEGAL_WRITES]: Record<keyof (typeof LEGAL_WRITES)[K], Write[]>;
} = {
  cluster: {
    create: [ofCluster.create(cluster)],
    configure: [ofCluster.configure(UUID, { idleTimeoutMinutes: null, tags: {} })],
    dedicate: [ofCluster.dedicate(UUID, "j", undefined), ofCluster.dedicate(UUID, "j", "i")],
    undedicate: [ofCluster.undedicate(UUID, "j")],
    remove: [ofCluster.remove(UUID, AT)],
    delete: [ofCluster.delete(UUID)],
    deletePart: [ofCluster.deletePart(UUID, "NODE#i-a")],
    resize: [
      ofCluster.resize(UUID, { nodes: 2, from: 0 }, { from: null, to: claim }, AT),
      ofCluster.resize(UUID, { nodes: 2, from: 3 }, { from: "o", to: claim }, AT),
    ],
    failResize: [
      ofCluster.failResize(UUID, { desiredNodes: 2, owner: "o" }, because("resize-timed-out", "why"), AT),
    ],
    claimFleet: [
      ofCluster.claimFleet(UUID, { from: "o", to: claim }),
      ofCluster.claimFleet(UUID, { from: "o", to: null }),
    ],
    emptyFiles: [ofCluster.emptyFiles(UUID, "o", AT)],
    drain: [ofCluster.drain(UUID, "o", AT)],
    drainParked: [ofCluster.drainParked(UUID, "o")],
    park: [ofCluster.park(UUID, "o", AT)],
    noteReplacements: [ofCluster.noteReplacements(UUID, 2, { replacements: [], protectedSince: null })],
    repair: [ofCluster.repair(UUID)],
    observe: [ofCluster.observe(UUID, { changes: { leaseGeneration: 2 }, seen: cluster })],
    beginPark: [ofCluster.beginPark(cluster, because("parked-idle", "why"), AT)],
    giveUpResume: [ofCluster.giveUpResume(cluster, because("resume-timed-out", "why"), AT)],
    releaseNodes: [ofCluster.releaseNodes({ ...cluster, park }, AT)],
    endPark: [ofCluster.endPark({ ...cluster, park })],
    resume: [ofCluster.resume({ ...cluster, park }, { nodes: 2, by: "job j" }, AT)],
    resizeOnRequest: [
      ofCluster.resizeOnRequest(cluster, { nodes: 4, by: "ada", from: 2 }, AT),
      ofCluster.resizeOnRequest(cluster, { nodes: 1, by: "ada", from: 2 }, AT),
    ],
    keepAlive: [ofCluster.keepAlive(UUID, AT, undefined), ofCluster.keepAlive(UUID, AT, AT.toISOString())],
    noteBudget: [ofCluster.noteBudget(UUID, 2, { month: "2026-01", nodeMs: 1, at: AT.toISOString() })],
    noteActivity: [
      ofCluster.noteActivity(UUID, 2, { observedAt: "", idleSince: "", parksAt: null, sources: [] }),
    ],
    noteFiles: [ofCluster.noteFiles(UUID, 2, { files: "emptied", filesReasonCode: null, filesReason: null })],
  },
  lease: {
    take: [ofLease.take(UUID, lease, null), ofLease.take(UUID, lease, lease)],
    renew: [ofLease.renew(UUID, lease)],
    release: [ofLease.release(UUID, lease)],
  },
  node: {
    register: [node.register(UUID, { instanceId: "i-a" } as NodeFacts)],
    report: [node.report(UUID, 2, { instanceId: "i-a" } as NodeReport)],
    forget: [node.forget(UUID, 2, "i-a")],
    clear: [node.clear(UUID, "i-a")],
  },
  job: {
    submit: [ofJob.submit(job)],
    submitClaimed: [ofJob.submitClaimed(job, 2, { phase: "launching" })],
    refuse: [ofJob.refuse(job, because("cluster-busy", "why"), AT)],
    cancelQueued: [ofJob.cancelQueued(job, CANCELLED_ON_REQUEST, AT)],
    requestCancel: [ofJob.requestCancel(job), ofJob.requestCancel(job, CANCELLED_ON_REQUEST)],
    claim: [ofJob.claim(job, 2)],
    claimPlanned: [ofJob.claimPlanned(job, 2, { phase: "launching" })],
    advance: [ofJob.advance(job, 2, { phase: "running" }), ofJob.advance(job, 2, { status: "FINISHED" })],
    noteLog: [ofJob.noteLog(job, 1, { logState: "lost", logReasonCode: "log-lost", logReason: "why" })],
    setAside: [ofJob.setAside(UUID, "JOB#x", 2, { ...because("job-item-unreadable", "why"), endedAt: "" })],
  },
  attempt: {
    record: [LEGAL_WRITES.attempt.record(attempt)],
    noteLog: [
      LEGAL_WRITES.attempt.noteLog(attempt, {
        logState: "lost",
        logReasonCode: "log-lost",
        logReason: "why",
      }),
    ],
  },
  definition: {
    create: [ofDefinition.create(definition)],
    replace: [ofDefinition.replace(definition, definition)],
    delete: [ofDefinition.delete(definition)],
  },
  schedule: {
    begin: [LEGAL_WRITES.schedule.begin(schedule)],
    advance: [LEGAL_WRITES.schedule.advance(schedule, 2, schedule)],
    forget: [LEGAL_WRITES.schedule.forget(schedule, 2)],
  },
  name: { keep: [name.keep(cluster, null), name.keep(cluster, "gone")], free: [name.free(cluster)] },
  event: { note: [LEGAL_WRITES.event.note(UUID, eventItem({ code: "parked", text: "" }, "a", AT))] },
  usage: {
    record: [
      LEGAL_WRITES.usage.record(
        usageItem(cluster, { instanceType: "c5.xlarge", nodes: 2, from: "", to: "", endedBecause: "parked" }),
      ),
    ],
    recordNotebook: [
      LEGAL_WRITES.usage.recordNotebook(
        notebook,
        { clusterUuid: UUID, instanceType: "m6i.large", from: "", to: "" },
        "alpha",
      ),
    ],
    recordJob: [LEGAL_WRITES.usage.recordJob({ clusterUuid: UUID, jobId: "j" } as JobUsageItem)],
  },
  notebook: {
    create: [ofNotebook.create(notebook)],
    name: [ofNotebook.name(notebook, null), ofNotebook.name(notebook, UUID)],
    take: [ofNotebook.take(notebook, "p")],
    takeName: [ofNotebook.takeName(notebook, "p")],
    start: [ofNotebook.start(notebook, null, AT), ofNotebook.start(notebook, "i-n", AT)],
    observe: [ofNotebook.observe(notebook, notebook, { instanceId: "i-n" } as NotebookObservation)],
    park: [ofNotebook.park(notebook, AT)],
    fail: [ofNotebook.fail(notebook, because("notebook-not-ready-in-time", "why"), AT)],
    remove: [ofNotebook.remove(notebook, AT)],
    noteRecorded: [ofNotebook.noteRecorded(notebook, [])],
    leave: [ofNotebook.leave(notebook)],
    delete: [ofNotebook.delete(notebook)],
    freeName: [ofNotebook.freeName(notebook)],
  },
};

const rows = Object.entries(LEGAL_WRITES).flatMap(([kind, writes]) =>
  Object.entries<{ readonly rule: Rule }>(writes).map(([write, { rule }]) => ({
    name: `${kind}.${write}`,
    rule,
    examples: (EXAMPLES as unknown as Record<string, Record<string, Write[]>>)[kind]?.[write] ?? [],
  })),
);

describe("the table of legal writes", () => {
  test("says who writes what", () => {
    const sortKeys = (examples: readonly Write[]) => examples[0]?.key[SORT_KEY]?.replace(/#.*/, "#");
    expect(
      rows.map(({ name: row, rule, examples }) => [row, sortKeys(examples), rule.by.join(", ")]),
    ).toEqual([
      ["cluster.create", "META", "provider"],
      ["cluster.configure", "META", "provider"],
      ["cluster.dedicate", "META", "provider"],
      ["cluster.undedicate", "META", "provider"],
      ["cluster.remove", "META", "provider"],
      ["cluster.delete", "META", "provider"],
      ["cluster.deletePart", "NODE#", "provider"],
      ["cluster.resize", "META", "provider"],
      ["cluster.failResize", "META", "provider"],
      ["cluster.claimFleet", "META", "provider"],
      ["cluster.emptyFiles", "META", "provider"],
      ["cluster.drain", "META", "provider"],
      ["cluster.drainParked", "META", "provider"],
      ["cluster.park", "META", "provider"],
      ["cluster.beginPark", "META", "head, submitter"],
      ["cluster.giveUpResume", "META", "head, submitter"],
      ["cluster.releaseNodes", "META", "head, submitter"],
      ["cluster.endPark", "META", "head, submitter"],
      ["cluster.resume", "META", "head, submitter"],
      ["cluster.keepAlive", "META", "submitter"],
      ["cluster.noteBudget", "META", "head"],
      ["cluster.noteActivity", "META", "head"],
      ["cluster.resizeOnRequest", "META", "submitter"],
      ["cluster.noteReplacements", "META", "head"],
      ["cluster.repair", "META", "submitter"],
      ["cluster.observe", "META", "head"],
      ["cluster.noteFiles", "META", "head"],
      ["lease.take", "LEASE", "node"],
      ["lease.renew", "LEASE", "head"],
      ["lease.release", "LEASE", "head"],
      ["node.register", "NODE#", "node"],
      ["node.report", "NODE#", "head"],
      ["node.forget", "NODE#", "head"],
      ["node.clear", "NODE#", "provider"],
      ["job.submit", "JOB#", "submitter"],
      ["job.submitClaimed", "JOB#", "head"],
      ["job.cancelQueued", "JOB#", "submitter"],
      ["job.refuse", "JOB#", "submitter"],
      ["job.requestCancel", "JOB#", "submitter"],
      ["job.claim", "JOB#", "head"],
      ["job.claimPlanned", "JOB#", "head"],
      ["job.advance", "JOB#", "head"],
      ["job.noteLog", "JOB#", "head"],
      ["job.setAside", "JOB#", "head"],
      ["attempt.record", "ATTEMPT#", "head"],
      ["attempt.noteLog", "ATTEMPT#", "head"],
      ["definition.create", "JOBDEF#", "provider"],
      ["definition.replace", "JOBDEF#", "provider"],
      ["definition.delete", "JOBDEF#", "provider"],
      ["schedule.begin", "SCHEDULE#", "head"],
      ["schedule.advance", "SCHEDULE#", "head"],
      ["schedule.forget", "SCHEDULE#", "head"],
      ["name.keep", "NAME#", "provider"],
      ["name.free", "NAME#", "provider"],
      ["event.note", "EVENT#", "head, node, provider, submitter"],
      ["usage.record", "", "head, provider, submitter"],
      ["usage.recordJob", "JOB#", "provider"],
      ["usage.recordNotebook", "NOTEBOOK#", "node, provider"],
      ["notebook.create", "NOTEBOOK#", "provider"],
      ["notebook.name", "NOTEBOOK#", "provider"],
      ["notebook.take", "NOTEBOOK#", "provider"],
      ["notebook.takeName", "NOTEBOOK#", "provider"],
      ["notebook.start", "NOTEBOOK#", "provider, submitter"],
      ["notebook.observe", "NOTEBOOK#", "node"],
      ["notebook.park", "NOTEBOOK#", "node, submitter"],
      ["notebook.fail", "NOTEBOOK#", "provider, submitter"],
      ["notebook.remove", "NOTEBOOK#", "provider"],
      ["notebook.noteRecorded", "NOTEBOOK#", "node, provider"],
      ["notebook.leave", "NOTEBOOK#", "provider"],
      ["notebook.delete", "NOTEBOOK#", "provider"],
      ["notebook.freeName", "NOTEBOOK#", "provider"],
    ]);
  });

  test.each(rows)("$name says why, and has a condition or says why it needs none", ({ rule, examples }) => {
    expect(rule.why).toMatch(/^[A-Z].*\.$/);
    expect(examples).not.toEqual([]);
    for (const { condition } of examples) expect(condition === null).toBe(rule.unconditional !== undefined);
  });

  test("is performed in two places, and nothing writes beside them", () => {
    const root = join(__dirname, "../../../../..");
    const writing = ["agent", "provider", "scripts", "stacks"].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".ts"))
        .map((file) => `${folder}/${file}`)
        .filter((file) =>
          /\b(?:Put|Update|Delete|BatchWrite|TransactWrite)Command\b/.test(
            readFileSync(join(root, file), "utf8"),
          ),
        ),
    );
    expect(writing.sort()).toEqual([
      "agent/aws/table.ts",
      "provider/aws/perform.ts",
      "provider/aws/sdk/org.ts",
    ]);
  });

  test("a head writes jobs and META under its generation, or what only one writer can still decide", () => {
    const byHead = rows.filter(
      ({ rule, name: row }) => rule.by.includes("head") && !row.startsWith("lease."),
    );
    const without = byHead.filter(({ examples }) =>
      examples.some(({ condition }) => !JSON.stringify(condition).includes('"leaseGeneration"')),
    );
    expect(without.map(({ name: row }) => row)).toEqual([
      "job.submitClaimed",
      "job.noteLog",
      "attempt.noteLog",
      // What a head has seen stays true when another one is head.
      "event.note",
      "usage.record",
    ]);
  });

  test("a job that ends leaves the queue in the same write", () => {
    const ofJobs: readonly Write[] = Object.values(EXAMPLES.job).flat();
    const ends = ofJobs.filter(
      (write) =>
        write.write === "update" && ["FINISHED", "FAILED", "CANCELLED"].includes(String(write.set["status"])),
    );
    expect(ends.map((write) => write.write === "update" && write.remove)).toEqual([
      ["queue"],
      ["queue"],
      ["queue"],
      ["queue"],
    ]);
  });
});
