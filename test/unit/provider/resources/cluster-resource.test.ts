import { beforeEach, describe, expect, test } from "@jest/globals";
import { clusterSecretName } from "../../../../agent/contract/names.js";
import type { ClusterItem } from "../../../../agent/contract/registry.js";
import { clusterWrites } from "../../../../agent/contract/writes/cluster.js";
import type { Update } from "../../../../agent/contract/writes/write.js";
import { openPrivateState, type PrivateState } from "../../../../provider/core/private-state.js";
import { UNKNOWN } from "../../../../provider/core/value.js";
import { clusterResource } from "../../../../provider/resources/cluster/resource.js";
import { CLUSTER_UUID, clusterItem, nodeSummary } from "../../../support/agent/cluster-item.js";
import { fakeRuntime } from "../../../support/provider/runtime.js";

const DEFAULTS = { team: "hpc" };
const USE = {
  ...{ idle_timeout_minutes: 60, count_ssh_sessions: true, resume_on_job: true, share_with_notebooks: false },
  budget: null,
};
const PLAN = { name: "demo", tags: { cost: "7" }, refuse_at: "apply", ...USE };
const SECRET = clusterSecretName("acme", CLUSTER_UUID);
const PRIOR = {
  ...{ ...PLAN, uuid: CLUSTER_UUID, secret_parameter: SECRET, status: "FINISHED" },
  tags_all: { team: "hpc", cost: "7" },
};

let calls: string[];
let item: ClusterItem | null;
let privateState: PrivateState;
let holder: ClusterItem | null;
let noSecret: Error | null;
beforeEach(() => {
  calls = [];
  item = clusterItem({ clusterStatus: "FINISHED", tags: { team: "hpc", cost: "7" } });
  privateState = openPrivateState("");
  holder = null;
  noSecret = null;
});

/** One cluster, and `calls` with what was done, in order. */
function context() {
  const done = (what: string, value?: unknown) =>
    void calls.push(value === undefined ? what : `${what} ${JSON.stringify(value)}`);
  const registry = {
    async createCluster({ name, tags }: ClusterItem) {
      done(`create ${name}`, tags);
      return holder;
    },
    async updateCluster(write: Update) {
      const isRemoval = "clusterStatus" in write.set;
      done(isRemoval ? "remove" : "configure");
      if (item !== null) item = { ...item, ...write.set };
      return item;
    },
    readCluster: async () => item,
    readNodes: async () => [nodeSummary("i-1")],
    keepName: async () => done("keep the name"),
    recordUsage: async () => done("record"),
    recordJobUsage: async () => done("record jobs"),
    deleteCluster: async () => done("delete"),
  };
  const secrets = {
    async create({ tags }: { tags: object }) {
      done("make the secret", tags);
      if (noSecret !== null) throw noSecret;
    },
    retag: async (_uuid: string, change: object) => done("retag", change),
    tags: async () => ({}),
    deleteAll: async () => done("delete the secret"),
  };
  const client = {
    ...{ org: "acme", region: "us-east-1", settings: { defaultTags: DEFAULTS }, registry, secrets },
    notebooks: { namesAt: async () => [] },
  };
  return {
    ...{ ...fakeRuntime(), client, privateState },
    saved: () => done("save"),
    warn: ({ code }: { code: string }) => done(`warn ${code}`),
  } as never;
}
const codeOf = (action: Promise<unknown>) =>
  action.then(
    () => "done",
    (error) => error.diagnostics?.[0]?.code ?? error.message,
  );

describe("the plan of a muster_cluster", () => {
  const planned = (given: object, prior: object | null) =>
    clusterResource.plan?.(
      { ...PLAN, ...given } as never,
      { prior, settings: { defaultTags: DEFAULTS } } as never,
    );
  const all = { team: "hpc", cost: "7" };

  test.each<[string, object, object | null, object]>([
    ["of a new one has the provider's tags too", {}, null, { tags_all: all }],
    ["of one that is as it should be changes nothing else", {}, PRIOR, { tags_all: all }],
    ["with a tag that is not known yet", { tags: { cost: UNKNOWN } }, PRIOR, { tags_all: UNKNOWN }],
    [
      "of one whose secret is gone makes another",
      {},
      { ...PRIOR, secret_parameter: null },
      { tags_all: all, secret_parameter: UNKNOWN },
    ],
    [
      "of one whose item is gone makes another cluster",
      {},
      { ...PRIOR, status: null },
      { tags_all: all, uuid: UNKNOWN },
    ],
  ])("%s", (_name, given, prior, expected) => {
    expect(planned(given, prior)).toEqual(expected);
  });

  test("refuses tags that AWS would refuse", () => {
    expect(() => planned({ tags: { "aws:x": "1" } }, null)).toThrow(
      /tags and the provider's default_tags together must have keys of/,
    );
  });
});

describe("a muster_cluster that is made", () => {
  const create = () => clusterResource.create(PLAN as never, context());
  const tags = JSON.stringify({ team: "hpc", cost: "7" });

  test("is in the registry first, then in the state, and has its secret last", async () => {
    const made = await create();
    expect(made).toMatchObject({ status: "NEW", tags_all: { team: "hpc", cost: "7" }, ready_nodes: 0 });
    expect(made.secret_parameter).toBe(clusterSecretName("acme", String(made.uuid)));
    expect(calls).toEqual([`create demo ${tags}`, "save", `make the secret ${tags}`]);
  });

  test("fails where another has its name, and leaves nothing", async () => {
    holder = clusterItem();
    expect(await codeOf(create())).toBe("cluster-name-taken");
    expect(calls).toEqual([`create demo ${tags}`]);
  });

  test("is in the state where its secret fails", async () => {
    noSecret = new Error("throttled");
    expect(await codeOf(create())).toBe("throttled");
    expect(calls).toContain("save");
  });
});

describe("a muster_cluster that changes", () => {
  const update = (plan: object, prior: object = {}) =>
    clusterResource.update({ ...PLAN, ...plan } as never, { ...PRIOR, ...prior } as never, context());

  test("in its use is written, and its tags are left alone", async () => {
    const after = await update({ idle_timeout_minutes: null, share_with_notebooks: true });
    expect(calls).toEqual(["configure", "keep the name"]);
    expect(item).toMatchObject({
      idleTimeoutMinutes: null,
      shareWithNotebooks: true,
      countSshSessions: true,
    });
    expect(after).toMatchObject({ uuid: CLUSTER_UUID, status: "FINISHED", addresses: ["10.0.0.1"] });
  });

  test.each<[string, object, object]>([
    ["one more", { cost: "7", more: "x" }, { set: { more: "x" }, remove: [] }],
    ["another value", { cost: "8" }, { set: { cost: "8" }, remove: [] }],
    ["one less", {}, { set: {}, remove: ["cost"] }],
  ])("in its tags has them on the secret before the registry: %s", async (_name, tags, change) => {
    await update({ tags });
    expect(calls).toEqual([`retag ${JSON.stringify(change)}`, "configure", "keep the name"]);
    expect(item?.tags).toEqual({ team: "hpc", ...tags });
    // A refresh compares with what was applied last.
    const read = await clusterResource.read(PRIOR as never, context());
    expect(read?.tags_all).toEqual({});
  });

  test("gets another secret where its own is gone, and says what that means", async () => {
    await update({}, { secret_parameter: null });
    expect(calls).toEqual([
      'make the secret {"team":"hpc","cost":"7"}',
      "warn secret-renewed",
      "configure",
      "keep the name",
    ]);
  });

  test("fails where it is gone from the registry", async () => {
    item = null;
    await expect(update({})).rejects.toMatchObject({
      diagnostics: [{ code: "cluster-gone", summary: `Cluster ${CLUSTER_UUID} is gone` }],
    });
    expect(calls).toEqual(["configure"]);
  });
});

describe("a muster_cluster that is read", () => {
  const read = (more: object = {}) => clusterResource.read({ ...PRIOR, ...more } as never, context());

  test("has what is declared of its use as the registry has it, and else the defaults", async () => {
    expect(await read({ refuse_at: null })).toMatchObject({
      ...{ count_ssh_sessions: true, resume_on_job: true, share_with_notebooks: false, refuse_at: "apply" },
      ...{ idle_timeout_minutes: null, budget: null },
    });
    const use = {
      countSshSessions: false,
      resumeOnJob: false,
      shareWithNotebooks: true,
      idleTimeoutMinutes: 5,
    };
    item = clusterItem({ clusterStatus: "FINISHED", ...use });
    expect(await read({ refuse_at: "plan" })).toMatchObject({
      ...{ count_ssh_sessions: false, resume_on_job: false, share_with_notebooks: true, refuse_at: "plan" },
      idle_timeout_minutes: 5,
    });
  });
});

describe("a muster_cluster that is destroyed", () => {
  const destroy = (more: object = {}) => clusterResource.delete({ ...PRIOR, ...more } as never, context());

  test("begins nothing more, records its use, and leaves the registry last", async () => {
    await destroy();
    expect(calls).toEqual(["remove", "record", "record jobs", "delete the secret", "delete"]);
    expect(item?.clusterStatus).toBe(clusterWrites.remove(CLUSTER_UUID, new Date()).set["clusterStatus"]);
  });

  test("whose item is gone leaves no secret either", async () => {
    item = null;
    await destroy();
    expect(calls).toEqual(["remove", "delete the secret", "delete"]);
  });

  test("that was never made is nothing", async () => {
    await destroy({ uuid: null });
    expect(await clusterResource.planDelete?.({ ...PRIOR, uuid: null } as never, context())).toEqual([]);
    expect(calls).toEqual([]);
  });
});

test.each<[string, object]>([
  [CLUSTER_UUID, { id: CLUSTER_UUID, uuid: CLUSTER_UUID }],
  ["demo", { name: "demo" }],
])("a muster_cluster is imported by %s", (id, expected) => {
  expect(clusterResource.import?.(id, privateState)).toEqual(expected);
});

test.each(["Demo", "", "a/b"])("the import of %j fails", (id) => {
  expect(() => clusterResource.import?.(id, privateState)).toThrow("can't be imported");
});
