import { expect } from "@jest/globals";
import type { KnownReport } from "../../../agent/contract/image/report.js";
import type { PreflightAsk } from "../../../agent/contract/preflight/ask.js";
import type { PreflightFacts } from "../../../agent/contract/preflight/facts.js";
import type { MusterClient } from "../../../provider/client/ports.js";
import {
  applyChange,
  type Outcome,
  planDelete,
  readState,
  type Target,
} from "../../../provider/core/apply.js";
import { type Plan, planResource } from "../../../provider/core/plan.js";
import { openPrivateState } from "../../../provider/core/private-state.js";
import type { AnyResource } from "../../../provider/core/resource.js";
import type { ObjectValue } from "../../../provider/core/value.js";
import { imageResource } from "../../../provider/resources/image/resource.js";
import { preflightFacts } from "../preflight.js";
import { MemoryImages } from "./memory-images.js";
import { fakeRuntime } from "./runtime.js";

/** The least that an image's configuration has. */
const CONFIG: ObjectValue = {
  ...Object.fromEntries(Object.keys(imageResource.schema.attributes).map((name) => [name, null])),
  timeouts: null,
  family: "mpi",
  version: "1.0.0",
  bucket: "muster-acme-logs-1",
  subnet_id: "subnet-0123456789abcdef0",
  security_group_ids: ["sg-0123456789abcdef0"],
  instance_profile: "builder",
  encrypted: false,
  keep: 3,
  release: false,
  instance_type: "m6i.large",
};

export const report = (image: string, change: Partial<KnownReport> = {}): KnownReport => ({
  image,
  at: 1,
  phase: "recipe",
  step: "packages",
  steps: [],
  ok: null,
  lastLines: "",
  ...change,
});

/** The life of muster_images of one family, through the core as Terraform drives it, on an EC2 in memory and a clock that jumps. */
export class ImageStory {
  readonly memory = new MemoryImages();
  readonly logged: readonly string[];
  /** What the account has: all that a builder needs. */
  account: PreflightFacts = preflightFacts({
    types: {
      value: [{ name: "m6i.large", vcpus: 2, efa: false, architectures: ["x86_64"], placements: null }],
    },
    subnets: { value: [{ id: "subnet-0123456789abcdef0", name: null, zone: "us-east-1a", free: 9 }] },
    offerings: { value: [{ type: "m6i.large", zone: "us-east-1a" }] },
  });
  /** What was asked about the account. */
  readonly asked: PreflightAsk[] = [];
  target: Target<MusterClient>;
  /** What the builder does; called before each look but the first, with the seconds since the start. */
  builder: (image: string, seconds: number) => void = (image) => this.finish(image);
  #stop = new AbortController();

  constructor() {
    const { clock, ...runtime } = fakeRuntime({ signal: this.#stop.signal });
    this.logged = runtime.logged;
    const client: Partial<MusterClient> = {
      org: "acme",
      region: "us-east-1",
      settings: { defaultTags: null },
      images: this.memory.port,
      preflight: {
        observe: async (ask) => {
          this.asked.push(ask);
          return this.account;
        },
      },
      groups: { consoleLines: async () => ["Kernel panic"] } as unknown as MusterClient["groups"],
    };
    this.target = {
      typeName: "muster_image",
      resource: imageResource as unknown as AnyResource<MusterClient>,
      client: client as MusterClient,
      privateState: openPrivateState(""),
      runtime: {
        ...runtime,
        clock: {
          ...clock,
          sleep: async (milliseconds, signal) => {
            await clock.sleep(milliseconds, signal);
            for (const { launch, state } of this.memory.builders.values())
              if (state === "running") this.builder(launch.image, Math.round(clock.monotonicMs() / 1000));
          },
        },
      },
    };
  }

  /** A Ctrl-C. */
  interrupt(): void {
    this.#stop.abort();
  }

  /** The builder of the image is done, and has stopped. */
  finish(image: string): void {
    this.memory.reports.set(image, report(image, { phase: "done", ok: true }));
    this.setBuilder(image, "stopped");
  }

  setBuilder(image: string, state: string, stateReason: string | null = null): void {
    for (const builder of this.memory.builders.values())
      if (builder.launch.image === image) Object.assign(builder, { state, stateReason });
  }

  plan(prior: ObjectValue | null, change: ObjectValue = {}): Plan & { readonly config: ObjectValue } {
    const config = { ...CONFIG, ...change };
    const { resource, client } = this.target;
    const proposed = prior === null ? config : proposedFrom(prior, config);
    return {
      ...planResource("muster_image", resource, { prior, proposed, config }, client.settings),
      config,
    };
  }

  /** Refresh, plan and apply. */
  async apply(change: ObjectValue = {}, before: ObjectValue | null = null): Promise<Outcome> {
    const prior = before === null ? null : await this.refreshed(before);
    const { planned, config } = this.plan(prior, change);
    return applyChange(this.target, { prior, planned, config });
  }

  /** An image that was made. */
  async applied(change: ObjectValue = {}): Promise<ObjectValue> {
    const { state, diagnostics } = await this.apply(change);
    expect(diagnostics).toEqual([]);
    return state ?? {};
  }

  /** A new version takes the place of the one before, which is destroyed afterwards. */
  async replaced(before: ObjectValue, change: ObjectValue): Promise<ObjectValue> {
    const state = await this.applied(change);
    expect((await this.destroy(before)).diagnostics).toEqual([]);
    return state;
  }

  destroy(state: ObjectValue): Promise<Outcome> {
    return applyChange(this.target, { prior: state, planned: null, config: null });
  }

  async refreshed(state: ObjectValue): Promise<ObjectValue> {
    return (await readState(this.target, state)).state ?? {};
  }

  planDestroy(state: ObjectValue): ReturnType<typeof planDelete> {
    return planDelete(this.target, state);
  }
}

/** As Terraform proposes it: what the provider computes stays. */
const proposedFrom = (prior: ObjectValue, config: ObjectValue): ObjectValue => {
  const computed = Object.entries(imageResource.schema.attributes).filter(
    ([, { mode }]) => mode === "computed",
  );
  return { ...config, ...Object.fromEntries(computed.map(([name]) => [name, prior[name] ?? null])) };
};
