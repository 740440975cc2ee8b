import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { buildTestMirror, type TestMirror } from "../../support/provider/mirror.js";
import {
  decoded,
  type PluginClient,
  startPlugin,
  UNKNOWN,
  value,
} from "../../support/provider/plugin-client.js";

const SPECIMEN = "muster_specimen";

let mirror: TestMirror;
let plugin: PluginClient;
let folder: string;
beforeAll(async () => {
  mirror = await buildTestMirror("test/fixtures/provider/specimen.ts");
  plugin = await startPlugin(mirror.program);
  await plugin.call("ConfigureProvider", { config: value({}) });
  folder = await mkdtemp(join(tmpdir(), "muster-core-"));
});
afterAll(async () => {
  plugin?.disconnect();
  plugin?.process.kill("SIGTERM");
  await mirror?.remove();
  await rm(folder, { recursive: true, force: true });
});

describe("MoveResourceState", () => {
  const json = Buffer.from(JSON.stringify({ input: { value: "x.json", type: "string" }, other: 1 }));
  const move = (source: object) =>
    plugin.call("MoveResourceState", {
      source_provider_address: "terraform.io/builtin/terraform",
      source_type_name: "terraform_data",
      source_schema_version: 0,
      source_state: { json },
      target_type_name: SPECIMEN,
      ...source,
    });

  test("is offered, and answers the whole new state", async () => {
    for (const method of ["GetMetadata", "GetProviderSchema"]) {
      expect(await plugin.call(method)).toMatchObject({ server_capabilities: { move_resource_state: true } });
    }
    const { target_state, diagnostics } = await move({});
    expect(diagnostics).toEqual([]);
    expect(decoded(target_state)).toMatchObject({ path: "x.json", id: null, rules: null });
  });

  test.each([
    ["another type", { source_type_name: "null_resource" }, "takes over states of terraform_data of builtin"],
    ["another provider", { source_provider_address: "example.org/x/terraform" }, "Replace the moved block"],
    [
      "a version it does not know",
      { source_schema_version: 1 },
      "has schema version 1; this provider knows 0",
    ],
  ])("from %s is one diagnostic and no state", async (_name, source, detail) => {
    const { target_state, diagnostics } = await move(source);
    expect(target_state).toBeNull();
    expect(diagnostics).toMatchObject([
      {
        severity: "ERROR",
        summary: "Unsupported move to muster_specimen",
        detail: expect.stringContaining(detail),
      },
    ]);
  });

  test("of a state that has too little fails, and of no state too", async () => {
    for (const source_state of [{ json: Buffer.from("{}") }, { json: Buffer.from("{") }, null]) {
      expect((await move({ source_state })).diagnostics).toMatchObject([
        { summary: expect.stringMatching(/move terraform_data to muster_specimen$/) },
      ]);
    }
  });
});

describe("the private state", () => {
  const nothing = value(null);
  const specimen = (path: string, attributes = {}) => value({ path: join(folder, path), ...attributes });
  const apply = (prior: object, planned: object, kept: object = { planned_private: Buffer.alloc(0) }) =>
    plugin.call("ApplyResourceChange", {
      type_name: SPECIMEN,
      prior_state: prior,
      planned_state: planned,
      config: planned,
      ...kept,
    });
  const plan = (prior: object, proposed: object, prior_private: Uint8Array) =>
    plugin.call("PlanResourceChange", {
      type_name: SPECIMEN,
      prior_state: prior,
      proposed_new_state: proposed,
      config: proposed,
      prior_private,
    });
  const kept = (bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes).toString("utf8"));

  test("comes from create, passes through read and plan unchanged, and is there for update", async () => {
    const made = await apply(nothing, specimen("a", { id: UNKNOWN }));
    expect(made.diagnostics).toEqual([]);
    expect(kept(made.private)).toEqual({ resource: { writes: 1 } });
    const seen = await plugin.call("ReadResource", {
      type_name: SPECIMEN,
      current_state: made.new_state,
      private: made.private,
    });
    expect(seen.private).toEqual(made.private);
    const wanted = value({ ...decoded(made.new_state), password_version: 2 });
    const { planned_private } = await plan(made.new_state, wanted, seen.private);
    expect(planned_private).toEqual(made.private);
    const updated = await apply(made.new_state, wanted, { planned_private });
    expect(decoded(updated.new_state)).toMatchObject({ writes: 2 });
    expect(kept(updated.private)).toEqual({ resource: { writes: 2 } });
  });

  test("is kept where a create or an update fails, and ends with the object", async () => {
    const broken = await apply(nothing, specimen("missing/a", { id: UNKNOWN }));
    expect(broken.diagnostics).toHaveLength(1);
    expect(kept(broken.private)).toEqual({ resource: { writes: 1 } });
    const again = await apply(broken.new_state, specimen("missing/a"), { planned_private: broken.private });
    expect(again.diagnostics).toHaveLength(1);
    expect(kept(again.private)).toEqual({ resource: { writes: 2 } });
    const gone = await apply(broken.new_state, nothing, { planned_private: again.private });
    expect(gone).toMatchObject({ diagnostics: [], private: Buffer.alloc(0) });
  });

  test("of a replaced object is not the new one's", async () => {
    const old = Buffer.from(JSON.stringify({ resource: { writes: 7 } }));
    expect((await plan(nothing, specimen("b"), old)).planned_private).toEqual(Buffer.alloc(0));
  });

  test("may begin with an import", async () => {
    const { imported_resources } = await plugin.call("ImportResourceState", {
      type_name: SPECIMEN,
      id: "/a",
    });
    expect(kept(imported_resources[0].private)).toEqual({ resource: { writes: 10 } });
  });

  test("that is not ours is a diagnostic, and loses neither the state nor itself", async () => {
    const foreign = Buffer.from("not JSON");
    const prior = specimen("a", { id: "a" });
    const {
      new_state,
      diagnostics,
      private: answered,
    } = await apply(prior, specimen("a"), {
      planned_private: foreign,
    });
    expect(diagnostics).toMatchObject([{ summary: "Unreadable private state" }]);
    expect(decoded(new_state)).toMatchObject({ id: "a" });
    expect(answered).toEqual(foreign);
  });
});
