import { expect } from "@jest/globals";
import { because } from "../../../agent/contract/reasons.js";
import type { JobItem } from "../../../agent/contract/registry.js";
import type { MusterClient } from "../../../provider/client/ports.js";
import { applyChange, type Outcome, readState, type Target } from "../../../provider/core/apply.js";
import { type Plan, planResource } from "../../../provider/core/plan.js";
import { openPrivateState } from "../../../provider/core/private-state.js";
import type { AnyResource } from "../../../provider/core/resource.js";
import type { ObjectValue } from "../../../provider/core/value.js";
import { jobDefinitionResource } from "../../../provider/resources/job-definition/resource.js";
import { CLUSTER_UUID } from "../agent/cluster-item.js";
import { type MemoryJobs, memoryJobs } from "./memory-jobs.js";
import { fakeRuntime } from "./runtime.js";

export const FINISHED: Partial<JobItem> = { status: "FINISHED", phase: "ended", exitCode: 0 };
export const FAILED: Partial<JobItem> = {
  status: "FAILED",
  phase: "ended",
  exitCode: 3,
  ...because("rank-exited", "it broke"),
};
export const RUNNING: Partial<JobItem> = { status: "INPROGRESS", phase: "running", leaseGeneration: 1 };

/** The least that a job definition's configuration has. */
const CONFIG: ObjectValue = { cluster_uuid: CLUSTER_UUID, name: "nightly", command: ["pi.py"] };

/** The life of one muster_job_definition, through the core as Terraform drives it, on a registry in memory and a clock that jumps. */
export class DefinitionStory {
  readonly memory: MemoryJobs = memoryJobs();
  readonly logged: readonly string[];
  target: Target<MusterClient>;
  /** What happens while something waits; called before each look but the first, with the seconds since the start. */
  meanwhile: (seconds: number) => void = () => undefined;
  #stop = new AbortController();

  constructor() {
    const { clock, ...runtime } = fakeRuntime({ signal: this.#stop.signal });
    this.logged = runtime.logged;
    this.target = {
      typeName: "muster_job_definition",
      resource: jobDefinitionResource as unknown as AnyResource<MusterClient>,
      client: this.memory.client,
      privateState: openPrivateState(""),
      runtime: {
        ...runtime,
        clock: {
          ...clock,
          sleep: async (milliseconds, signal) => {
            await clock.sleep(milliseconds, signal);
            this.meanwhile(Math.round(clock.monotonicMs() / 1000));
          },
        },
      },
    };
  }

  /** The state after `terraform import`. */
  async imported(): Promise<ObjectValue> {
    const id = `${CLUSTER_UUID}/nightly`;
    const first = jobDefinitionResource.import?.(id, this.target.privateState) as ObjectValue;
    const empty = Object.keys(jobDefinitionResource.schema.attributes).map((name) => [name, null]);
    return this.refreshed({ ...Object.fromEntries(empty), timeouts: null, ...first });
  }

  /** A Ctrl-C. */
  interrupt(): void {
    this.#stop.abort();
  }

  /** Terraform's next run. */
  startAgain(): void {
    this.#stop = new AbortController();
    this.target = { ...this.target, runtime: { ...this.target.runtime, signal: this.#stop.signal } };
  }

  /** What Terraform plans from `prior` for the configuration. */
  plan(prior: ObjectValue | null, change: ObjectValue = {}): Plan & { readonly config: ObjectValue } {
    const config = { ...CONFIG, ...change };
    const { resource, client } = this.target;
    return {
      ...planResource(
        "muster_job_definition",
        resource,
        { prior, proposed: { ...prior, ...config }, config },
        client.settings,
      ),
      config,
    };
  }

  /** Refresh, plan and apply. */
  async apply(change: ObjectValue = {}, before: ObjectValue | null = null): Promise<Outcome> {
    const prior = before === null ? null : await this.refreshed(before);
    const { planned, config } = this.plan(prior, change);
    return applyChange(this.target, { prior, planned, config });
  }

  /** A definition that was made, and whose job is FINISHED. */
  async applied(change: ObjectValue = {}): Promise<ObjectValue> {
    this.meanwhile = () => this.memory.changeLatest(FINISHED);
    const { state, diagnostics } = await this.apply(change);
    expect(diagnostics).toEqual([]);
    this.meanwhile = () => undefined;
    return state ?? {};
  }

  destroy(state: ObjectValue | null): Promise<Outcome> {
    return applyChange(this.target, { prior: state, planned: null, config: null });
  }

  async refreshed(state: ObjectValue | null): Promise<ObjectValue> {
    return (await readState(this.target, state ?? {})).state ?? {};
  }

  onlyJob(): JobItem {
    expect(this.memory.jobs.size).toBe(1);
    return [...this.memory.jobs.values()][0] as JobItem;
  }
}
