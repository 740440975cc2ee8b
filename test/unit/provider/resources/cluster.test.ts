import { describe, expect, test } from "@jest/globals";
import type { MusterClient } from "../../../../provider/client/ports.js";
import { applyChange, planDelete } from "../../../../provider/core/apply.js";
import { DiagnosticError, errorDiagnostic, InterruptedError } from "../../../../provider/core/diagnostic.js";
import { openPrivateState } from "../../../../provider/core/private-state.js";
import type { AnyResource } from "../../../../provider/core/resource.js";
import { UNKNOWN } from "../../../../provider/core/value.js";
import { clusterNameTaken } from "../../../../provider/resources/cluster/name.js";
import { clusterResource } from "../../../../provider/resources/cluster/resource.js";
import { appliedBefore, tagsOnBoth } from "../../../../provider/resources/cluster/state.js";
import { CLUSTER_UUID, clusterItem } from "../../../support/agent/cluster-item.js";
import { fakeRuntime } from "../../../support/provider/runtime.js";

/** A registry whose answer to a new cluster is `error`, and no other port. */
const failingClient = (error: Error): MusterClient =>
  ({
    org: "acme",
    region: "us-east-1",
    settings: { defaultTags: null },
    registry: { createCluster: () => Promise.reject(error) },
  }) as unknown as MusterClient;

const createWith = (error: Error) =>
  applyChange(
    {
      typeName: "muster_cluster",
      resource: clusterResource as AnyResource<MusterClient>,
      client: failingClient(error),
      privateState: openPrivateState(""),
      runtime: fakeRuntime(),
    },
    {
      prior: null,
      planned: { name: "demo", tags: null, budget: null, uuid: UNKNOWN, id: UNKNOWN },
      config: null,
    },
  );

const awsError = (transient: boolean): Error =>
  new DiagnosticError([errorDiagnostic("aws-unavailable", "Could not create it", "No.")], { transient });

describe("a muster_cluster whose item can't be written", () => {
  test("is nothing when AWS refused it", async () => {
    const { state, diagnostics } = await createWith(awsError(false));
    expect(state).toBeNull();
    expect(diagnostics).toHaveLength(1);
  });

  test.each([
    ["no answer came", awsError(true)],
    ["Terraform stopped meanwhile", new InterruptedError("Stopped.")],
  ])("is kept with its UUID when %s: it may be there", async (_name, error) => {
    const { state, diagnostics } = await createWith(error);
    expect(state).toMatchObject({
      name: "demo",
      uuid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      org: "acme",
    });
    expect(diagnostics).toHaveLength(1);
  });
});

describe("a muster_cluster with notebooks attached", () => {
  const writes: unknown[] = [];
  const target = (names: readonly string[]) => ({
    typeName: "muster_cluster",
    resource: clusterResource as AnyResource<MusterClient>,
    client: {
      ...{ org: "acme", region: "us-east-1", settings: { defaultTags: null } },
      notebooks: {
        namesAt: async (uuid: string) => (uuid === CLUSTER_UUID ? names : ["of another cluster"]),
      },
      registry: {
        updateCluster: async (write: unknown) => {
          writes.push(write);
          return null;
        },
        deleteCluster: async () => undefined,
      },
      secrets: { deleteAll: async () => undefined },
    } as unknown as MusterClient,
    privateState: openPrivateState(""),
    runtime: fakeRuntime(),
  });
  const state = (refuse_at: string) => ({ name: "demo", uuid: CLUSTER_UUID, refuse_at });

  test.each([
    ["plan", "error", /^Attached to cluster .*: explore, teach\./],
    ["apply", "warning", /^Destroy will be refused, unless it destroys them first\. Attached/],
  ])("with refuse_at %s gives an %s in the plan of its destruction", async (refuseAt, severity, detail) => {
    expect(await planDelete(target(["explore", "teach"]), state(refuseAt))).toEqual([
      expect.objectContaining({
        severity,
        code: "cluster-has-notebooks",
        detail: expect.stringMatching(detail),
      }),
    ]);
    expect(await planDelete(target([]), state(refuseAt))).toEqual([]);
  });

  test("is not destroyed, and nothing of it is changed", async () => {
    const change = { prior: state("apply"), planned: null, config: null };
    const refused = await applyChange(target(["explore"]), change);
    expect(refused.diagnostics[0]).toMatchObject({
      summary: "Cluster demo has a notebook attached",
      detail: expect.stringContaining("Next: destroy them"),
    });
    expect(refused.state).toEqual(state("apply"));
    expect(writes).toEqual([]);
    expect(await applyChange(target([]), change)).toEqual({ state: null, diagnostics: [] });
    expect(writes).toHaveLength(1);
  });
});

describe("a muster_cluster that is read", () => {
  const state = { name: "demo", uuid: CLUSTER_UUID, tags: null, tags_all: null, budget: null };
  /** Of a cluster that the registry has so, or not, and whose secret has these tags, or is gone. */
  async function read(item: object | null, onSecret: object | null, more: object = {}) {
    const client = {
      ...{ org: "acme", region: "us-east-1", settings: { defaultTags: null } },
      registry: {
        readCluster: async () => (item === null ? null : clusterItem(item)),
        readNodes: async () => [],
        listClusters: async () => [{ name: "demo", uuid: CLUSTER_UUID }],
      },
      secrets: { tags: async () => onSecret },
    };
    const warnings: { code: string }[] = [];
    const warn = (diagnostic: { code: string }) => warnings.push(diagnostic);
    const context = { client, privateState: openPrivateState(""), warn } as never;
    const found = await clusterResource.read({ ...state, ...more } as never, context);
    return { found, codes: warnings.map(({ code }) => code) };
  }

  test("has the registry's facts", async () => {
    const { found, codes } = await read({ clusterStatus: "FINISHED" }, {});
    expect(found).toMatchObject({
      uuid: CLUSTER_UUID,
      status: "FINISHED",
      secret_parameter: expect.any(String),
    });
    expect(codes).toEqual([]);
  });

  test("without its secret is shown so, with a warning", async () => {
    const { found, codes } = await read({ clusterStatus: "FINISHED" }, null);
    expect(found).toMatchObject({ status: "FINISHED", secret_parameter: null });
    expect(codes).toHaveLength(1);
  });

  test.each([
    ["gone from the registry", null],
    ["REMOVED", { clusterStatus: "REMOVED" }],
  ])("that is %s is kept while its secret is left, and else is no more", async (_name, item) => {
    const left = {
      found: expect.objectContaining({ status: null, reason_code: "cluster-item-gone" }),
      codes: [],
    };
    expect(await read(item, {})).toEqual(left);
    expect(await read(item, null)).toEqual({ found: null, codes: [] });
  });

  test("of an import has no name yet: where the registry does not have it, it is nothing", async () => {
    expect(await read(null, {}, { name: null })).toEqual({ found: null, codes: [] });
  });

  test("without a UUID is found by its name", async () => {
    expect((await read({ clusterStatus: "FINISHED" }, {}, { uuid: null })).found).toMatchObject({
      uuid: CLUSTER_UUID,
    });
  });
});

describe("tagsOnBoth: the cluster's tags, with what somebody changed", () => {
  const applied = { a: "1", b: "2" };
  const muster = { "muster:org": "acme" };
  test.each([
    ["as applied", applied, { ...applied, ...muster }, applied],
    ["one was taken off the secret", applied, { a: "1" }, { a: "1" }],
    ["one was changed on the secret", applied, { a: "1", b: "x" }, { a: "1", b: "x" }],
    ["others put theirs on the secret", applied, { ...applied, c: "3" }, applied],
    ["one was taken out of the registry", { a: "1" }, applied, { a: "1" }],
    ["one was changed in the registry", { a: "1", b: "x" }, applied, { a: "1", b: "x" }],
    ["one was added in the registry", { ...applied, c: "3" }, applied, { ...applied, c: "3" }],
    ["the secret is gone: that is told otherwise", applied, null, applied],
  ])("%s", (_name, inRegistry, onSecret, expected) => {
    expect(tagsOnBoth(inRegistry, onSecret, applied)).toEqual(expected);
  });
});

test.each<[string, object | null, object | null, object]>([
  ["an apply remembered", { a: "1" }, { a: "2" }, { a: "1" }],
  ["the state has, of one that an older version wrote", null, { a: "2" }, { a: "2" }],
  ["the registry has, of an import", null, null, { a: "3" }],
])("the tags that were applied last are those that %s", (_name, remembered, inState, expected) => {
  const privateState = openPrivateState("");
  if (remembered !== null) privateState.set("applied_tags", remembered as { a: string });
  const item = clusterItem({ tags: { a: "3" } });
  expect(appliedBefore(privateState, { tags_all: inState } as never, item)).toEqual(expected);
});

test.each([
  ["FINISHED", "terraform import ADDRESS"],
  ["REMOVING", "wait until it is gone"],
] as const)("a name that a %s cluster has is refused with the next step", (clusterStatus, next) => {
  const [diagnostic] = clusterNameTaken("acme", clusterItem({ clusterStatus })).diagnostics;
  expect(diagnostic?.summary).toBe("Org acme has a cluster demo already");
  expect(diagnostic?.detail).toContain(`status ${clusterStatus}, since 2026-01-01T00:00:00.000Z. `);
  expect(diagnostic?.detail).toContain(next);
});
