import { describe, expect, test } from "@jest/globals";
import { guardResource } from "../../../../provider/resources/guard/resource.js";

const HERE = { org: "acme", region: "us-east-1" };
const cluster = { name: "demo", uuid: "u-1", clusterStatus: "PARKED" };

/** A registry with these clusters; null: there is none. */
const context = (clusters: readonly unknown[] | null, notebooks: readonly string[] = []) =>
  ({
    client: {
      ...HERE,
      registry: { listClusters: async () => clusters },
      notebooks: { names: async () => notebooks },
    },
  }) as never;
const state = (more: object = {}) =>
  ({ id: "acme/us-east-1", refuse_at: "apply", ...HERE, ...more }) as never;
const codeOf = (action: Promise<unknown> | undefined) =>
  action?.then(
    () => "done",
    (error) => error.diagnostics[0].code,
  );

describe("a teardown guard", () => {
  test("is made where the org has a registry, and refuses to be where it has none", async () => {
    expect(await guardResource.create({} as never, context([]))).toEqual({ id: "acme/us-east-1", ...HERE });
    expect(await codeOf(guardResource.create({} as never, context(null)))).toBe("org-not-deployed");
  });

  test.each<[string, unknown[] | null, string[], object, string]>([
    ["goes where nothing is left", [], [], {}, "done"],
    ["goes where somebody deleted the registry", null, [], {}, "done"],
    ["refuses while a cluster is left", [cluster], [], {}, "org-in-use"],
    ["refuses while a notebook is left", null, ["explore"], {}, "org-in-use"],
    ["refuses in another org", [], [], { org: "other" }, "guard-elsewhere"],
    ["goes where its create failed before it had an org", [cluster], [], { org: null }, "done"],
    ["goes where its create failed before it had a region", [cluster], [], { region: null }, "done"],
  ])("%s", async (_name, clusters, notebooks, more, expected) => {
    expect(await codeOf(guardResource.delete(state(more), context(clusters, notebooks)))).toBe(expected);
  });

  test("refuses a destroy's plan where it is told so, and warns otherwise", async () => {
    const planned = (more: object, clusters = [cluster]) =>
      guardResource.planDelete?.(state(more), context(clusters));
    expect(await planned({ refuse_at: "plan" })).toMatchObject([{ severity: "error" }]);
    expect(await planned({})).toMatchObject([
      { severity: "warning", detail: expect.stringMatching(/^Destroy will be refused\. /) },
    ]);
    expect(await planned({}, [])).toEqual([]);
  });

  test.each<[string, object, string]>([
    ["its own place", {}, "done"],
    ["another org", { org: "other" }, "guard-elsewhere"],
    ["no org yet", { org: null }, "done"],
    ["no region yet", { region: null }, "done"],
  ])("is read with %s", async (_name, more, expected) => {
    expect(await codeOf(guardResource.read(state(more), context([])))).toBe(expected);
  });

  test("is imported by its org and region, and by nothing else", () => {
    expect(guardResource.import?.("acme/us-east-1", context([]))).toMatchObject({
      id: "acme/us-east-1",
      ...HERE,
    });
    expect(() => guardResource.import?.("acme", context([]))).toThrow("can't be imported");
  });
});
