import { describe, expect, test } from "@jest/globals";
import type { JobItem } from "../../../../agent/contract/registry.js";
import { SourceError } from "../../../../agent/jobs/ports.js";
import { createJobRunner, type JobRunner, type JobRunnerDeps } from "../../../../agent/jobs/runner.js";
import { fakeWorld } from "../../../support/agent/fake-jobs.js";
import { queuedJob } from "../../../support/agent/jobs.js";
import { memorySubmissions } from "../../../support/memory-jobs.js";

type Effect = (...given: never[]) => Promise<unknown>;

/** An agent's end: at its call of that number, before or after the call had its effect, and nothing of it happens afterwards. */
interface Death {
  readonly at: number;
  readonly is: "before" | "after";
}

const REGISTRY_ROUNDS = 5;

/** What the head does to the world, call by call, until it dies. */
function mortal(deps: JobRunnerDeps, { at, is }: Death) {
  const life = { calls: 0, isOver: false };
  /** The registry is slower than the node: what is under way there when the agent dies arrives (after) or does not (before). */
  const guard = <T extends Effect>(effect: T, rounds: number): T =>
    (async (...given: never[]) => {
      if (life.isOver) throw new Error("the agent is dead");
      life.calls += 1;
      const isLast = life.calls === at;
      if (isLast) life.isOver = true;
      for (let round = 0; round < rounds; round += 1) await new Promise((resolve) => setImmediate(resolve));
      if (life.isOver && is === "before") throw new Error("the agent dies");
      const result = await effect(...given);
      if (life.isOver) throw new Error("the agent dies");
      return result;
    }) as unknown as T;
  const guardAll = <P extends object>(port: P, rounds = 0): P =>
    Object.fromEntries(
      Object.entries(port).map(([name, effect]) => [name, guard(effect as Effect, rounds)]),
    ) as P;
  const { registry, processes, workspace, records } = deps;
  const guarded = {
    registry: guardAll(registry, REGISTRY_ROUNDS),
    // What is got ready has no effect that outlives the agent.
    processes: { ...guardAll(processes), getReady: () => {} },
    workspace: guardAll(workspace),
    records: guardAll(records),
  };
  return { life, deps: { ...deps, ...guarded } };
}

async function until(condition: () => boolean, what: string): Promise<void> {
  for (let round = 0; round < 5_000; round += 1) {
    if (condition()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`it never happened: ${what}`);
}

function simple() {
  const job = queuedJob();
  return { job, fake: fakeWorld(job) };
}

/** Two jobs, of which the second begins while the first is brought to its end. */
function oneBehind() {
  const [job, behind] = [queuedJob(), queuedJob("behind", {}, "2026-01-02T00:00:00Z")];
  return { job, behind, fake: fakeWorld(job, behind) };
}

/** A job whose first attempt finds no source, and whose other attempts do. */
function triedAgain(): ReturnType<typeof simple> {
  const retries = { count: 1, delaySeconds: 0, on: ["failure"] };
  const job = queuedJob("k", { source: { shared: { path: "/shared/model" } }, retries });
  const fake = fakeWorld(job);
  let isThere = false;
  fake.world.fetchSource = async () => {
    if (isThere) return { version: null, folder: "" };
    isThere = true;
    throw new SourceError("source-not-found", "nothing is there");
  };
  return { job, fake };
}

/** A job that is offered to a head which has nothing to do; or that it is told of by a nudge. */
function planned(
  way: "offer" | "nudge",
): ReturnType<typeof simple> & { tell(runner: JobRunner): Promise<void> } {
  const job = queuedJob();
  const fake = fakeWorld();
  // The clock stands where the head only waits, so that it is idle.
  const sleep = (ms: number, signal?: AbortSignal) =>
    ms < 300 ? fake.deps.clock.sleep(ms, signal) : new Promise<void>((resolve) => setTimeout(resolve, 5));
  const deps = { ...fake.deps, clock: { ...fake.deps.clock, sleep } };
  return {
    job,
    fake: { ...fake, deps },
    async tell(runner) {
      if (way === "offer") await runner.startNow(job).catch(() => null);
      // As every submitter does that has had no answer: it is there once, whoever has put it.
      await memorySubmissions(fake.table.table).submit(job);
      if (way === "nudge") runner.nudge({ jobId: job.id });
    },
  };
}

/** More calls than a head makes for one job. */
const MOST_CALLS = 150;

type Heir = "the same node" | "another node";

/** A job whose head dies as said; `heir` is where the next head is. Gives what became of it, and whether the first head died. */
async function inherited(
  death: Death,
  heir: Heir,
  {
    job,
    behind,
    fake,
    tell,
  }: ReturnType<typeof simple> & { readonly behind?: JobItem; tell?(runner: JobRunner): Promise<void> },
) {
  const jobs = behind === undefined ? [job] : [job, behind];
  const { node, world, table } = fake;
  const nodes = heir === "another node" ? [node, node.another()] : [node];
  const first = mortal(fake.deps, death);
  const run = async (runner: JobRunner, isOver: () => boolean, what: string) => {
    runner.start();
    if (tell !== undefined && !isOver()) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      await tell(runner);
    }
    try {
      await until(() => {
        for (const each of nodes)
          for (const { id } of jobs) if (each.states.get(id) === "running") each.end(id, 0);
        return isOver();
      }, what);
    } finally {
      await runner.stop();
    }
  };
  const hasEnded = () =>
    jobs.every(
      ({ id }) => table.has(id) && table.get(id).phase === "ended" && table.get(id).logState !== "pending",
    );
  await run(createJobRunner(first.deps), () => first.life.isOver || hasEnded(), "the first head's end");
  world.generation = 2;
  world.others.set("10.0.0.1", { node, silence: null });
  const self = heir === "another node" ? { instanceId: "i-b", address: "10.0.0.2" } : fake.deps.self;
  const { processes } = nodes.at(-1) ?? node;
  await run(createJobRunner({ ...fake.deps, self, processes }), hasEnded, "the job's end");
  const starts = nodes.flatMap(({ started }) => started).length;
  const items = jobs.map(({ id }) => table.get(id));
  return { item: table.get(job.id), items, record: table.attempt(job.id), starts, life: first.life };
}

describe.each(["the same node", "another node"] as const)(
  "a head that is lost, and the next on %s",
  (heir) => {
    test.each(["before", "after"] as const)(
      "neither loses nor doubles a job, whichever of its calls it dies %s",
      async (is) => {
        let deaths = 0;
        for (let at = 1; at <= MOST_CALLS; at += 1) {
          const { item, record, starts, life } = await inherited({ at, is }, heir, simple());
          if (!life.isOver) break;
          deaths += 1;
          expect({ at, isDoubled: starts > 1 }).toEqual({ at, isDoubled: false });
          expect({ at, starts, ...item }).toMatchObject({
            at,
            starts: 1,
            status: "FINISHED",
            exitCode: 0,
            attempt: 1,
          });
          expect({ at, ...record }).toMatchObject({ at, status: item.status, endedAt: item.endedAt });
        }
        // It died in each of the writes, and there was no call after the last.
        expect(deaths).toBeGreaterThan(12);
        expect(deaths).toBeLessThan(MOST_CALLS);
      },
    );

    test.each([
      ["before", "offer"],
      ["after", "offer"],
      ["before", "nudge"],
      ["after", "nudge"],
    ] as const)(
      "neither loses nor doubles a job whose launch is planned, whichever of its calls it dies %s, after a word by %s",
      async (is, way) => {
        let deaths = 0;
        for (let at = 1; at <= MOST_CALLS; at += 1) {
          const { item, starts, life } = await inherited({ at, is }, heir, planned(way));
          if (!life.isOver) break;
          deaths += 1;
          expect({ at, starts, ...item }).toMatchObject({
            at,
            starts: 1,
            status: "FINISHED",
            exitCode: 0,
            attempt: 1,
          });
        }
        expect(deaths).toBeGreaterThan(10);
        expect(deaths).toBeLessThan(MOST_CALLS);
      },
    );

    test.each(["before", "after"] as const)(
      "neither loses nor doubles one of two jobs that overlap, whichever of its calls it dies %s",
      async (is) => {
        let deaths = 0;
        const ended = { status: "FINISHED", exitCode: 0, attempt: 1, logState: "delivered" };
        for (let at = 1; at <= MOST_CALLS; at += 1) {
          const { items, starts, life } = await inherited({ at, is }, heir, oneBehind());
          if (!life.isOver) break;
          deaths += 1;
          expect({ at, starts, items }).toMatchObject({ at, starts: 2, items: [ended, ended] });
        }
        expect(deaths).toBeGreaterThan(24);
        expect(deaths).toBeLessThan(MOST_CALLS);
      },
    );

    test.each(["before", "after"] as const)(
      "launch no attempt whose end is recorded, whichever of its calls the first dies %s",
      async (is) => {
        let deaths = 0;
        for (let at = 1; at <= MOST_CALLS; at += 1) {
          const { item, record, starts, life } = await inherited({ at, is }, heir, triedAgain());
          if (!life.isOver) break;
          deaths += 1;
          // The first may find its source only where its failure was not recorded.
          const first = item.attempt === 1 ? { status: item.status } : { reasonCode: "source-not-found" };
          expect({ at, ...record }).toMatchObject({ at, ...first });
          expect({ at, starts, ...item }).toMatchObject({ at, starts: 1, status: "FINISHED", exitCode: 0 });
        }
        expect(deaths).toBeGreaterThan(20);
        expect(deaths).toBeLessThan(MOST_CALLS);
      },
    );
  },
);
