import type { JobItem } from "../../../agent/contract/registry.js";
import type { AttemptId, JobRegistry } from "../../../agent/jobs/ports.js";
import { createJobRunner, type JobRunner } from "../../../agent/jobs/runner.js";
import type { fakeWorld } from "./fake-jobs.js";

export type Fake = ReturnType<typeof fakeWorld>;

/** Lets the others work until `condition` holds; time flies, so this bounds rounds, not seconds. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  for (let round = 0; round < 20_000; round += 1) {
    if (condition()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`it never happened: ${what}`);
}

export const inPhase = (fake: Fake, job: JobItem, phase: JobItem["phase"]): Promise<void> =>
  until(() => fake.table.get(job.id).phase === phase, `${job.id} in ${phase}`);

/** Until the job runs its attempt of that number. */
export const runs = (fake: Fake, job: JobItem, attempt: number): Promise<void> =>
  until(() => {
    const item = fake.table.get(job.id);
    return item.phase === "running" && item.attempt === attempt;
  }, `attempt ${attempt} of ${job.id} runs`);

/** The agents of a test, of which one is head. */
export function agents() {
  let runner: JobRunner | null = null;
  async function stop(): Promise<void> {
    await runner?.stop();
    runner = null;
  }
  return {
    start(fake: Fake, registry: JobRegistry = fake.deps.registry as JobRegistry): void {
      runner = createJobRunner({ ...fake.deps, registry });
      runner.start();
    },
    stop,
  };
}

/** An attempt as it was started, with the nodes in its hostfile. */
export interface Launched {
  readonly attempt: number;
  readonly hosts: readonly string[];
}

/** Records what the fake starts; `onStart` may end it at once, with `fake.node.end`. */
export function watchLaunches(fake: Fake, onStart: (of: AttemptId) => void = () => {}): Launched[] {
  const launched: Launched[] = [];
  const { start } = fake.deps.processes;
  fake.deps.processes.start = async (of, plan, onExit) => {
    launched.push({ attempt: of.attempt, hosts: plan.hosts.map(({ address }) => address) });
    await start(of, plan, onExit);
    onStart(of);
  };
  return launched;
}
