import { describe, expect, test } from "@jest/globals";
import {
  applyChange,
  planCreate,
  planDelete,
  readState,
  type Target,
} from "../../../../provider/core/apply.js";
import {
  DiagnosticError,
  errorDiagnostic,
  failure,
  InterruptedError,
} from "../../../../provider/core/diagnostic.js";
import { openPrivateState } from "../../../../provider/core/private-state.js";
import { type AnyResource, resourceFor } from "../../../../provider/core/resource.js";
import { computed, integer, required, string, writeOnly } from "../../../../provider/core/schema.js";
import { type ObjectValue, UNKNOWN } from "../../../../provider/core/value.js";
import { fakeRuntime } from "../../../support/provider/runtime.js";

const about = { description: "" };
const schema = {
  version: 2,
  description: "",
  attributes: {
    size: required(integer, { description: "" }),
    id: computed(string, { description: "" }),
    address: computed(string, { description: "" }),
  },
};
const base = resourceFor<null>()({
  schema,
  create: () => Promise.reject(new Error("unset")),
  read: () => Promise.reject(new Error("unset")),
  update: () => Promise.reject(new Error("unset")),
  delete: () => Promise.reject(new Error("unset")),
});
const target = (actions: Partial<typeof base>): Target<null> => ({
  typeName: "test_thing",
  resource: { ...base, ...actions } as AnyResource<null>,
  client: null,
  privateState: openPrivateState(""),
  runtime: fakeRuntime(),
});
const planned: ObjectValue = { size: 2, id: UNKNOWN, address: UNKNOWN };
const prior = { size: 1, id: "i", address: "a" };

describe("applyChange", () => {
  test("create sees null for what is not known, and its values are merged into the plan", async () => {
    const seen: unknown[] = [];
    const it = target({
      create: async (plan) => {
        seen.push(plan);
        return { id: "i", address: "a" };
      },
    });
    expect(await applyChange(it, { prior: null, planned, config: null })).toEqual({
      state: { size: 2, id: "i", address: "a" },
      diagnostics: [],
    });
    expect(seen).toEqual([{ size: 2, id: null, address: null }]);
  });

  test("of a live value an update gives back what was planned, and a create what it found", async () => {
    const live = { ...schema.attributes, address: computed(string, { description: "", live: true }) };
    const it = {
      ...target({}),
      resource: {
        ...base,
        schema: { ...schema, attributes: live },
        create: async () => ({ id: "i", address: "new" }),
        update: async () => ({ id: "i", address: "new" }),
      } as AnyResource<null>,
    };
    const created = await applyChange(it, { prior: null, planned, config: null });
    expect(created.state).toEqual({ size: 2, id: "i", address: "new" });
    const kept: ObjectValue = { size: 2, id: UNKNOWN, address: "a" };
    const updated = await applyChange(it, { prior, planned: kept, config: null });
    expect(updated.state).toEqual({ size: 2, id: "i", address: "a" });
  });

  test("a create that fails before it saved anything leaves nothing", async () => {
    const it = target({ create: () => Promise.reject(failure("unexpected", "No", "way")) });
    const { state, diagnostics } = await applyChange(it, { prior: null, planned, config: null });
    expect(state).toBeNull();
    expect(diagnostics).toMatchObject([{ severity: "error", summary: "No", detail: "way" }]);
  });

  test.each([
    ["any exception", new TypeError("boom"), "Could not create test_thing i"],
    ["an interrupt", new InterruptedError("Stopped."), "Interrupted: create test_thing i"],
  ])("a create that fails by %s keeps what it saved, unknowns as null", async (_name, error, summary) => {
    const it = target({
      create: (_plan, { saved }) => {
        saved({ id: "i" });
        return Promise.reject(error);
      },
    });
    const { state, diagnostics } = await applyChange(it, { prior: null, planned, config: null });
    expect(state).toEqual({ size: 2, id: "i", address: null });
    expect(diagnostics).toMatchObject([{ summary }]);
  });

  test.each([
    ["goes well", () => Promise.resolve({ id: "i", address: "a" }), ["Mind"]],
    ["fails", () => Promise.reject(failure("unexpected", "No", "way")), ["Mind", "No"]],
  ])("what an action warns of is told when it %s", async (_name, end, summaries) => {
    const it = target({
      create: (_plan, { warn }) => {
        warn({ code: "job-degraded", reasonCode: "node-lost", summary: "Mind", detail: "the gap" });
        return end();
      },
    });
    const { diagnostics } = await applyChange(it, { prior: null, planned, config: null });
    expect(diagnostics.map(({ summary }) => summary)).toEqual(summaries);
    expect(diagnostics[0]).toEqual({
      ...{ severity: "warning", code: "job-degraded", reasonCode: "node-lost" },
      ...{ summary: "Mind", detail: "the gap" },
    });
  });

  test("an update that fails keeps the prior values, so that the next plan differs again", async () => {
    const it = target({ update: () => Promise.reject(new Error("boom")) });
    const { state, diagnostics } = await applyChange(it, { prior, planned, config: null });
    expect(state).toEqual(prior);
    expect(diagnostics).toHaveLength(1);
  });

  test("a delete that fails keeps everything and names the id; one that succeeds leaves nothing", async () => {
    const failing = target({ delete: () => Promise.reject(new Error("boom")) });
    const { state, diagnostics } = await applyChange(failing, { prior, planned: null, config: null });
    expect(state).toEqual(prior);
    expect(diagnostics[0]?.summary).toContain("delete test_thing i");
    expect(
      await applyChange(target({ delete: async () => undefined }), { prior, planned: null, config: null }),
    ).toEqual({
      state: null,
      diagnostics: [],
    });
  });
});

describe("planCreate", () => {
  const warning = {
    severity: "warning",
    code: "already-there",
    summary: "It is there already",
    detail: "Import it.",
  } as const;
  test.each([
    ["nothing", {}, []],
    ["what the resource says", { planCreate: async () => [warning] }, [warning]],
    ["nothing where it can't look", { planCreate: () => Promise.reject(new Error("boom")) }, []],
  ])("tells %s", async (_name, actions, expected) => {
    expect(await planCreate(target(actions), { id: null })).toEqual(expected);
  });
});

describe("planDelete", () => {
  const warning = { severity: "warning", code: "org-in-use", summary: "Won't", detail: "in use" } as const;

  test.each([
    ["nothing where the resource has nothing to say", {}, []],
    ["what the resource says", { planDelete: async () => [warning] }, [warning]],
    [
      "an error where the look fails",
      { planDelete: () => Promise.reject(new Error("boom")) },
      [expect.objectContaining({ severity: "error", summary: "Could not plan to delete test_thing" })],
    ],
  ])("gives %s", async (_name, actions, expected) => {
    expect(await planDelete(target(actions), prior)).toEqual(expected);
  });
});

describe("a write-only value", () => {
  const secretive = { ...schema, attributes: { ...schema.attributes, password: writeOnly(string, about) } };

  test.each(["create", "update"] as const)("is seen by %s and is in no state", async (verb) => {
    const seen: unknown[] = [];
    const act = async (plan: object) => {
      seen.push((plan as ObjectValue)["password"]);
      return { id: "i", address: "a", password: "told back" };
    };
    const it = target({ create: act, update: act });
    const { state } = await applyChange(
      { ...it, resource: { ...it.resource, schema: secretive } as AnyResource<null> },
      {
        prior: verb === "create" ? null : { ...prior, password: null },
        planned: { ...planned, password: null },
        config: { size: 2, password: "secret" },
      },
    );
    expect(seen).toEqual(["secret"]);
    expect(state).toEqual({ size: 2, id: "i", address: "a", password: null });
  });
});

describe("readState", () => {
  test.each([
    [
      "what changed is merged",
      async () => ({ address: "b" }),
      { state: { ...prior, address: "b" }, diagnostics: [] },
    ],
    ["what is gone is removed", async () => null, { state: null, diagnostics: [] }],
  ])("%s", async (_name, read, expected) => {
    expect(await readState(target({ read }), prior)).toEqual(expected);
  });

  test("a look that fails leaves the state as it was", async () => {
    const { state, diagnostics } = await readState(target({}), prior);
    expect(state).toEqual(prior);
    expect(diagnostics).toHaveLength(1);
  });

  test("what is common to all is told once by those who look, and each time by those who act", async () => {
    const common = new DiagnosticError(
      [errorDiagnostic("credentials-missing", "No credentials", "Give some.")],
      { isCommon: true },
    );
    const refused = target({ read: () => Promise.reject(common), create: () => Promise.reject(common) });
    const looks = [await readState(refused, prior), await readState(refused, prior)];
    expect(looks).toEqual([
      { state: prior, diagnostics: common.diagnostics },
      { state: prior, diagnostics: [] },
    ]);
    const { diagnostics } = await applyChange(refused, { prior: null, planned, config: null });
    expect(diagnostics).toEqual(common.diagnostics);
  });
});
