import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { applyChange, readState, type Target } from "../../../provider/core/apply.js";
import { planChange } from "../../../provider/core/plan.js";
import { openPrivateState } from "../../../provider/core/private-state.js";
import type { AnyResource } from "../../../provider/core/resource.js";
import { upgradeState } from "../../../provider/core/upgrade.js";
import { validateConfig } from "../../../provider/core/validate.js";
import type { ObjectValue } from "../../../provider/core/value.js";
import { type Banner, type Banners, bannerResource } from "../../fixtures/provider/banner/resource.js";
import { bannerSchema } from "../../fixtures/provider/banner/schema.js";
import { fakeRuntime } from "../../support/provider/runtime.js";

const ROOT = resolve(__dirname, "../../..");
const guide = readFileSync(join(ROOT, "provider/README.md"), "utf8");

describe("the guide", () => {
  test.each(["schema.ts", "resource.ts"])("quotes %s as it is, from where it would be", (name) => {
    const source = readFileSync(join(ROOT, "test/fixtures/provider/banner", name), "utf8");
    const moved = source
      .replaceAll("../../../../agent/contract/", "../../../agent/contract/")
      .replaceAll("../../../../provider/core/", "../../core/")
      .replaceAll("../../../../provider/client/", "../../client/")
      .replaceAll("../../../../provider/resources/", "../");
    expect(guide).toContain(`\`${name}\`:\n\n\`\`\`ts\n${moved}\`\`\`\n`);
  });

  test("names files and folders that are there", () => {
    const named = [...guide.matchAll(/`((?:provider|test|docs|examples)\/[\w./-]*)`/g)].map(
      ([, path]) => path ?? "",
    );
    expect(named.length).toBeGreaterThan(8);
    const missing = named.filter(
      (path) => path !== "provider/resources/banner/" && !existsSync(join(ROOT, path)),
    );
    expect(missing).toEqual([]);
  });
});

describe("the guide's resource", () => {
  const kept = new Map<string, Banner>();
  const banners: Banners = {
    // A node a look: it is shown everywhere after two.
    async read(id) {
      const found = kept.get(id);
      if (found === undefined) return null;
      const { nodes, pending } = found;
      if (pending > 0) kept.set(id, { ...found, nodes: nodes + 1, pending: pending - 1 });
      return found;
    },
    put: async (id, banner) => void kept.set(id, { ...banner, nodes: 0, pending: 2 }),
    delete: async (id) => void kept.delete(id),
  };
  const target: Target<{ readonly banners: Banners }> = {
    typeName: "muster_banner",
    resource: bannerResource as unknown as AnyResource<{ readonly banners: Banners }>,
    client: { banners },
    privateState: openPrivateState(""),
    runtime: fakeRuntime(),
  };
  const config: ObjectValue = {
    cluster_uuid: "6f1c2a54-9a57-4b0e-8d0e-3c1f5b7a9d21",
    text: "Maintenance on Sunday",
    color: null,
    first_day: null,
    last_day: null,
    id: null,
    revision: null,
    nodes: null,
  };
  const plan = (prior: ObjectValue | null, change: ObjectValue) => {
    const given = { ...config, ...change };
    const { id = null, revision = null, nodes = null } = prior ?? {};
    return planChange(bannerSchema, { prior, config: given, proposed: { ...given, id, revision, nodes } });
  };
  async function apply(prior: ObjectValue | null, change: ObjectValue): Promise<ObjectValue> {
    const { planned } = plan(prior, change);
    const { state, diagnostics } = await applyChange(target, { prior, planned, config });
    expect(diagnostics).toEqual([]);
    return state ?? {};
  }

  test("is made, read, changed, read again and removed; a second plan is empty", async () => {
    const made = await apply(null, {});
    expect(made).toMatchObject({ color: "plain", revision: 1, nodes: 2, id: expect.any(String) });
    expect((await readState(target, made)).state).toEqual(made);
    expect(plan(made, {})).toEqual({ planned: made, requiresReplace: [] });
    const changed = await apply(made, { color: "red" });
    expect(changed).toEqual({ ...made, color: "red", revision: 2 });
    expect((await applyChange(target, { prior: changed, planned: null, config: null })).state).toBeNull();
    expect((await readState(target, changed)).state).toBeNull();
  });

  test("imports by id, and takes over a state of version 0", async () => {
    const made = await apply(null, {});
    const imported = target.resource.import?.(String(made["id"]), target.privateState) as ObjectValue;
    const empty = Object.fromEntries(Object.keys(made).map((name) => [name, null]));
    expect((await readState(target, { ...empty, ...imported })).state).toEqual(made);
    expect(() => target.resource.import?.("x", target.privateState)).toThrow("must be the banner's UUID");
    expect(upgradeState("muster_banner", target.resource, 0, { colour: "red" })).toEqual({ color: "red" });
  });

  test("says all that is wrong with a configuration", () => {
    const wrong = { ...config, color: "blue", first_day: "2026-02-01", last_day: "2026-01-31" };
    const summaries = validateConfig(target.resource, wrong).map(({ summary }) => summary);
    expect(summaries.sort()).toEqual(["Invalid color", "The banner ends before it begins"]);
  });

  test("a banner that is never shown everywhere fails in time, and is in the state", async () => {
    const stuck = { ...banners, read: async (id: string) => ({ ...(kept.get(id) as Banner), pending: 1 }) };
    const { planned } = plan(null, {});
    const step = { prior: null, planned, config };
    const { state, diagnostics } = await applyChange({ ...target, client: { banners: stuck } }, step);
    expect(state).toMatchObject({ id: expect.any(String), text: "Maintenance on Sunday", revision: null });
    expect(diagnostics).toMatchObject([
      { summary: `Banner ${String(state?.["id"])} is not shown everywhere` },
    ]);
  });
});
