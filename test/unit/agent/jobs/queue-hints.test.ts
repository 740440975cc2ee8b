import { describe, expect, test } from "@jest/globals";
import type { JobItem, JobRequest } from "../../../../agent/contract/registry.js";
import { createNotebookGate } from "../../../../agent/jobs/notebook-gate.js";
import { createQueueHints, nudgeOf } from "../../../../agent/jobs/nudge.js";
import { isAsPlanned, isQuick, mayBePlanned } from "../../../../agent/jobs/planned-launch.js";
import { queuedJob } from "../../../support/agent/jobs.js";
import { job, other, registryOf, running } from "../../../support/agent/waiting-jobs.js";

describe("what a head knows of its queue without reading it", () => {
  test("is that it is empty: after a look that found nothing, in the same generation, until something is heard", () => {
    const hints = createQueueHints(registryOf().registry);
    expect(hints.isEmpty(1)).toBe(false);
    hints.looked(1, true);
    expect([hints.isEmpty(1), hints.isEmpty(2)]).toEqual([true, false]);
    hints.note({ jobId: job.id });
    expect(hints.isEmpty(1)).toBe(false);
  });

  test.each<[string, (hints: ReturnType<typeof createQueueHints>) => void, string | null]>([
    ["of a job that was just submitted is that job, unread", (hints) => hints.note(nudgeOf(job)), null],
    ["of a job that is only named is that job, read", (hints) => hints.note({ jobId: job.id }), job.id],
  ])("a nudge %s", async (_name, note, read) => {
    const { reads, registry } = registryOf(job);
    const hints = createQueueHints(registry);
    hints.looked(1, true);
    note(hints);
    const taken = await hints.take(1);
    expect([taken?.entry.id, taken?.job?.id ?? null, reads]).toEqual([
      job.id,
      read,
      read === null ? [] : [read],
    ]);
  });

  test.each<[string, (hints: ReturnType<typeof createQueueHints>) => void]>([
    ["nothing was heard", (hints) => hints.looked(1, true)],
    [
      "it was of no job in particular",
      (hints) => {
        hints.looked(1, true);
        hints.note({ jobId: null });
      },
    ],
    [
      "it was of two",
      (hints) => {
        hints.looked(1, true);
        hints.note({ jobId: job.id });
        hints.note({ jobId: other.id });
      },
    ],
    [
      "others were in the queue",
      (hints) => {
        hints.looked(1, false);
        hints.note({ jobId: job.id });
      },
    ],
    [
      "there is no such job",
      (hints) => {
        hints.looked(1, true);
        hints.note({ jobId: "unknown" });
      },
    ],
  ])("a nudge leads to no job where %s", async (_name, prepare) => {
    const hints = createQueueHints(registryOf(job, other).registry);
    prepare(hints);
    expect(await hints.take(1)).toBeNull();
  });

  test.each([
    ["that has just ended is only the index's memory", running, false],
    [
      "that has ended is there again where another attempt of another head runs",
      { ...running, leaseGeneration: 4 },
      true,
    ],
    ["that has ended and waits anew is there", { ...job, leaseGeneration: 3 }, true],
    ["of another id is there", { ...other, status: "INPROGRESS" as const, leaseGeneration: 3 }, true],
  ])("an entry of a job %s", (_name, entry, mayBeThere) => {
    const hints = createQueueHints(registryOf().registry);
    hints.ended({ id: job.id, leaseGeneration: 3 });
    expect(hints.mayBeThere(entry)).toBe(mayBeThere);
  });

  test("an ended job is remembered until sixteen others have ended", () => {
    const hints = createQueueHints(registryOf().registry);
    hints.ended(running);
    for (let n = 1; n < 16; n += 1) hints.ended({ id: `other-${n}`, leaseGeneration: 3 });
    expect(hints.mayBeThere(running)).toBe(false);
    hints.ended({ id: "other-16", leaseGeneration: 3 });
    expect(hints.mayBeThere(running)).toBe(true);
  });
});

describe("a cluster that a notebook has", () => {
  const by = (key: string, submittedBy: string, request: Partial<JobRequest> = {}): JobItem => ({
    ...queuedJob(key, request),
    submittedBy,
  });
  const own = by("own", "notebook:explore");
  const foreign = by("foreign", "token:operator");
  const impatient = by("impatient", "token:operator", { ifBusy: "refuse" });
  const gateOf = (...jobs: readonly JobItem[]) => {
    const { reads, registry } = registryOf(...jobs);
    const bound = { notebooks: ["explore"] as readonly string[] };
    return { reads, bound, gate: createNotebookGate({ head: { boundBy: () => bound.notebooks }, registry }) };
  };

  test.each<[string, JobItem, boolean, readonly string[]]>([
    ["the notebook's own is looked at", own, true, [own.id]],
    ["another's is not", foreign, false, [foreign.id]],
    ["another's that does not wait is: it is refused", impatient, true, [impatient.id]],
    ["another's that runs already is, unread", { ...foreign, status: "INPROGRESS" }, true, []],
    ["another's that is to be cancelled is, unread", { ...foreign, cancelRequested: true }, true, []],
  ])("of its queue %s", async (_name, entry, isAdmitted, reads) => {
    const made = gateOf(own, foreign, impatient);
    expect(await made.gate.admitted([entry])).toEqual(isAdmitted ? [entry] : []);
    await made.gate.admitted([entry]);
    expect(made.reads).toEqual(reads);
  });

  test("looks at no job that is gone, at sixteen at once, and at all again once the notebook is gone", async () => {
    const many = Array.from({ length: 17 }, (_, n) => by(`own-${n}`, "notebook:explore"));
    const { gate, bound, reads } = gateOf(...many);
    expect(await gate.admitted([foreign])).toEqual([]);
    expect(await gate.admitted(many)).toHaveLength(16);
    expect(await gate.admitted(many)).toHaveLength(17);
    bound.notebooks = [];
    expect(await gate.admitted([foreign, ...many])).toHaveLength(18);
    bound.notebooks = ["explore"];
    await gate.admitted(many.slice(0, 1));
    expect(reads).toHaveLength(1 + 17 + 1);
  });

  test("refuses what does not wait as it is claimed, and nothing that is on its way", () => {
    const { gate } = gateOf();
    expect(gate.refusal(impatient)?.reasonCode).toBe("cluster-busy");
    expect([gate.refusal({ ...impatient, phase: "running" }), gate.refusal(foreign)]).toEqual([null, null]);
    expect([gate.mayRun(own), gate.mayRun(foreign)]).toEqual([true, false]);
  });
});

describe("a launch", () => {
  test.each<[string, Partial<JobRequest>, boolean, boolean]>([
    ["of a script", {}, true, true],
    ["of one that waits for others", { ifBusy: "queue" }, true, true],
    ["of one that does not wait", { ifBusy: "refuse" }, true, false],
    ["of a source", { source: { git: { url: "https://a.example/b.git" } } }, false, false],
    ["with requirements", { requirements: "requirements.txt" }, false, false],
    ["with a set-up", { setup: { command: ["true"] } }, false, false],
  ])("%s: quick %s, planned with its claim %s", (_name, request, quick, planned) => {
    const full = queuedJob("k", request).request;
    expect([isQuick(full), mayBePlanned(full)]).toEqual([quick, planned]);
  });

  test.each([
    ["as many ranks, no node left out", { ranks: 4 }, true],
    ["the same, said", { ranks: 4, leftOut: [] }, true],
    ["fewer ranks", { ranks: 2 }, false],
    [
      "a node left out",
      { ranks: 4, leftOut: [{ address: "10.0.0.2", reasonCode: "node-silent" as const }] },
      false,
    ],
  ])("is as planned with %s: %s", (_name, change, expected) => {
    expect(isAsPlanned({ ...job, ranks: 4 }, change as Parameters<typeof isAsPlanned>[1])).toBe(expected);
  });
});
