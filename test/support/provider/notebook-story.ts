import {
  clusterPk,
  notebookNameKey,
  notebookSk,
  partitionKeyed,
  usagePk,
} from "../../../agent/contract/keys.js";
import type { ClusterItem, NotebookItem, NotebookNameItem } from "../../../agent/contract/registry.js";
import { moveWrites, notebookWrites } from "../../../agent/contract/writes/notebook.js";
import { usageWrites } from "../../../agent/contract/writes/usage.js";
import type {
  GroupMember,
  MusterClient,
  Notebooks,
  ScalingActivity,
} from "../../../provider/client/ports.js";
import { applyChange, planCreate, readState } from "../../../provider/core/apply.js";
import { openPrivateState, type PrivateState } from "../../../provider/core/private-state.js";
import type { AnyResource } from "../../../provider/core/resource.js";
import type { ObjectValue } from "../../../provider/core/value.js";
import { notebookResource } from "../../../provider/resources/notebook/resource.js";
import { CLUSTER_UUID, clusterItem } from "../agent/cluster-item.js";
import { memoryTable } from "../memory-table.js";
import { fakeRuntime } from "./runtime.js";

/** What an agent that can't start says on its node's console. */
export const CANNOT_START = JSON.stringify({
  ...{ level: 60, time: "2026-01-01T00:00:00Z", code: "config-invalid", msg: "No.", hint: "Mend it." },
});
export const OTHER_UUID = "1c9b4a3e-6f0e-4a52-9d3c-0f6a1b2c3d4e";
const GROUP = "notebook";
const TEMPLATE = "lt-0123456789abcdef0";

/** The `muster_notebook` explore over a registry and a group in memory. Time passes only while it waits. */
export class NotebookStory {
  readonly table = memoryTable();
  readonly runtime = fakeRuntime();
  /** What happens at each look of the wait. */
  meanwhile: (story: NotebookStory) => void = (story) => story.observe();
  /** Runs before the registry's next attach: another apply. */
  before: (() => void) | null = null;
  /** Runs before its next move: something else that changes the notebook. */
  beforeMove: (() => void) | null = null;
  instances: GroupMember[] = [];
  desired = 0;
  activities: ScalingActivity[] = [];
  /** Of every instance. */
  console: string[] = [];
  /** Whether the group says which template an instance is of. */
  saysTemplates = true;
  /** What the group starts. */
  version = 1;
  privateState: PrivateState = openPrivateState("");
  #started = 0;
  #clusters = new Map<string, ClusterItem>(
    [CLUSTER_UUID, OTHER_UUID].map((uuid) => [uuid, clusterItem({ uuid, clusterStatus: "FINISHED" })]),
  );

  setCluster(uuid: string, change: Partial<ClusterItem> | null): void {
    const now = this.#clusters.get(uuid);
    if (change === null || now === undefined) this.#clusters.delete(uuid);
    else this.#clusters.set(uuid, { ...now, ...change });
  }

  /** As its name says where it is. */
  get item(): NotebookItem | null {
    const held = this.table.get(notebookNameKey("acme", "explore")) as NotebookNameItem | null;
    return held === null ? null : this.at(held.clusterUuid);
  }

  at(uuid: string): NotebookItem | null {
    return this.table.get(partitionKeyed(uuid, notebookSk("explore"))) as NotebookItem | null;
  }

  /** The usage records of a cluster. */
  usage(uuid: string) {
    return this.table.query(usagePk(uuid));
  }

  change(values: Partial<NotebookItem>): void {
    const { item } = this;
    if (item === null) throw new Error("there is no notebook");
    const key = partitionKeyed(item.clusterUuid, notebookSk("explore"));
    this.table.perform({ write: "put", key, item: { ...item, ...values }, condition: null });
  }

  /** What its agent says; by default that all probes pass. */
  observe(values: Partial<NotebookItem> = {}): void {
    const { item } = this;
    const instanceId = this.instances.find(({ id }) => id !== item?.retiring)?.id;
    if (item === null || instanceId === undefined) return;
    this.table.perform(
      notebookWrites.observe(item, item, {
        ...{ phase: "ready", reasonCode: null, reason: null, failingProbes: [], instanceType: "m6i.large" },
        ...{
          address: `10.0.0.${this.#started}`,
          publicAddress: null,
          observedAt: "2026-01-01T00:00:01.000Z",
        },
        ...(values.failingProbes === undefined ? { status: "FINISHED" as const } : {}),
        ...values,
        instanceId,
      }),
    );
  }

  /** Sets the group's size, as AWS follows it. */
  resize(desired: number): void {
    this.desired = desired;
    this.instances = this.instances.slice(0, desired);
    if (this.instances.length < desired) this.instances.push(this.#start());
  }

  #start(): GroupMember {
    this.#started += 1;
    const template = this.saysTemplates ? `${TEMPLATE}/${this.version}` : null;
    return { id: `i-${this.#started}`, lifecycle: "InService", template };
  }

  plan(change: { cluster?: string; version?: number; timeouts?: ObjectValue } = {}): ObjectValue {
    this.version = change.version ?? this.version;
    return {
      name: "explore",
      cluster_uuid: change.cluster ?? CLUSTER_UUID,
      autoscaling_group: GROUP,
      node_version: `${TEMPLATE}/${this.version}`,
      ...{ id: null, owner: null, address: null, instance_id: null },
      timeouts: change.timeouts ?? null,
    };
  }

  /** Applies what `planned` is; null: destroys. */
  async apply(planned: ObjectValue | null, prior: ObjectValue | null = null) {
    return applyChange(this.target(), { prior, planned, config: null });
  }
  async read(state: ObjectValue) {
    return readState(this.target(), state);
  }
  planCreate = (planned: ObjectValue) => planCreate(this.target(), planned);
  /** The state of a new one. */
  async created(): Promise<ObjectValue> {
    const { state, diagnostics } = await this.apply(this.plan());
    if (state === null || diagnostics.length > 0) throw new Error(JSON.stringify(diagnostics));
    return state;
  }
  /** The state of an import. */
  async imported() {
    this.privateState = openPrivateState("");
    const found = notebookResource.import?.("explore", this.privateState) as ObjectValue;
    const empty = Object.fromEntries(Object.keys(this.plan()).map((name) => [name, null]));
    return (await this.read({ ...empty, ...found })).state;
  }

  private target() {
    return {
      typeName: "muster_notebook",
      resource: notebookResource as AnyResource<MusterClient>,
      client: this.client(),
      privateState: this.privateState,
      runtime: this.runtime,
    };
  }

  private client(): MusterClient {
    return {
      org: "acme",
      region: "us-east-1",
      registry: { readCluster: async (uuid: string) => this.#clusters.get(uuid) ?? null },
      notebooks: this.notebooks(),
      groups: {
        describe: async () => ({
          name: GROUP,
          minSize: 0,
          desired: this.desired,
          instances: [...this.instances],
        }),
        resize: async (_group: unknown, desired: number) => this.resize(desired),
        replace: async (id: string) => {
          this.instances = this.instances.map((one) => (one.id === id ? this.#start() : one));
        },
        activities: async () => this.activities,
        liveInstances: async () => this.instances,
        consoleLines: async () => this.console,
      },
    } as unknown as MusterClient;
  }

  private notebooks(): Notebooks {
    const { table } = this;
    const namesOf = (partition: string) =>
      table.query(partition, notebookSk("")).map(({ sk }) => String(sk).slice(notebookSk("").length));
    return {
      readName: async (name) => table.get(notebookNameKey("acme", name)) as NotebookNameItem | null,
      read: async (uuid, name) => {
        if (this.item?.status === "INPROGRESS") this.meanwhile(this);
        return table.get(partitionKeyed(uuid, notebookSk(name))) as NotebookItem | null;
      },
      namesAt: async (uuid) => namesOf(clusterPk(uuid)),
      names: async () => namesOf("ORG#acme"),
      attach: async (notebook) => {
        const { before } = this;
        this.before = null;
        before?.();
        return table.transact([notebookWrites.create(notebook), notebookWrites.name(notebook, null)]);
      },
      move: async (from, to) => {
        const { beforeMove } = this;
        this.beforeMove = null;
        beforeMove?.();
        return table.transact(moveWrites(from, to));
      },
      take: async (seen, owner) =>
        table.transact([notebookWrites.take(seen, owner), notebookWrites.takeName(seen, owner)]),
      update: async (write) => (table.perform(write) ? (table.get(write.key) as NotebookItem) : null),
      all: async () => (this.item === null ? [] : [this.item]),
      recordUsage: async (notebook) => {
        for (const interval of notebook.usageToRecord ?? [])
          table.perform(usageWrites.recordNotebook(notebook, interval, "alpha"));
        table.perform(notebookWrites.noteRecorded(notebook, []));
      },
      delete: async (notebook) => {
        table.perform(notebookWrites.delete(notebook));
        table.perform(notebookWrites.freeName(notebook));
      },
    };
  }
}
