import { describe, expect, test } from "@jest/globals";
import { parseMusterConfig } from "../../../../stacks/config/load.js";

const parse = (clusters: string) =>
  parseMusterConfig(`org: {name: demo, region: us-east-1}\nclusters: ${clusters}\n`, "/project/muster.yaml");
/** Of a file that is refused, the error. */
function refusal(clusters: string): string {
  try {
    parse(clusters);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("it was not refused");
}
const withNotebook = (notebook: string, cluster = ""): string =>
  `[{name: alpha, nodes: 2, ${cluster} notebooks: [{name: explore, ${notebook}}]}]`;

describe("notebooks of muster.yaml", () => {
  test("get every default", () => {
    expect(parse("[{name: alpha, nodes: 2, notebooks: [{name: explore}]}]").clusters[0]?.notebooks).toEqual([
      {
        name: "explore",
        instanceType: "m6i.large",
        rootVolumeGiB: 30,
        idleTimeoutMinutes: 60,
        kernelIdleMinutes: 60,
        mpiKernelIdleMinutes: 30,
        timeoutMinutes: { create: 20, update: 20, delete: 20 },
        tags: {},
      },
    ]);
  });

  test.each([
    ["a burstable type", "instanceType: t3.large", ""],
    ["a flex type", "instanceType: m7i-flex.large", ""],
    ["an arm64 type at an arm64 cluster", "instanceType: m7g.large", "instanceType: c7g.large,"],
    ["a node that never parks", "idleTimeoutMinutes: 0", ""],
    ["an image of its own", "image: {id: ami-0123456789abcdef0}", ""],
  ])("may have %s", (_name, notebook, cluster) => {
    expect(parse(withNotebook(notebook, cluster)).clusters[0]?.notebooks).toHaveLength(1);
  });

  test.each([
    ["an unknown key", "kernels: 2", "", /notebooks\[0\]\.kernels: unknown key; did you mean/],
    [
      "a Mac",
      "instanceType: mac2.metal",
      "",
      /instanceType: got "mac2.metal"; allowed: a type that runs Linux/,
    ],
    [
      "an arm64 type at an x86-64 cluster, whatever the image",
      "instanceType: m7g.large, image: {family: arm}",
      "",
      /instanceType: got "m7g.large"; allowed: an x86-64 type, such as m6i.large, since the cluster's c5.xlarge is one/,
    ],
    [
      "an x86-64 type at an arm64 cluster",
      "instanceType: m6i.large",
      "instanceTypes: [c7g.large],",
      /allowed: an arm64 type, such as m7g.large, since the cluster's c7g.large is one/,
    ],
    [
      "no time for kernels",
      "kernelIdleMinutes: 0",
      "",
      /kernelIdleMinutes: got 0; allowed: a whole number from 1/,
    ],
    ["no image", "image: {}", "", /notebooks\[0\]\.image: got {}; allowed: exactly one of family, id/],
  ])("with %s are refused", (_name, notebook, cluster, message) => {
    expect(refusal(withNotebook(notebook, cluster))).toMatch(message);
  });

  test("have names that are unique in the org, also below another cluster", () => {
    const text = refusal(
      "[{name: alpha, nodes: 1, notebooks: [{name: a1}, {name: b1}, {name: a1}]}, {name: beta, nodes: 1, notebooks: [{name: b1}]}]",
    );
    const taken = "allowed: a name that no other notebook of the org has";
    expect(text.split("\n").slice(1)).toEqual([
      `  line 2: clusters[0].notebooks[2].name: got "a1"; ${taken} (clusters[0].notebooks[0] has this one)`,
      `  line 2: clusters[1].notebooks[0].name: got "b1"; ${taken} (clusters[0].notebooks[1] has this one)`,
    ]);
  });

  test("may have a cluster's name", () => {
    expect(parse("[{name: alpha, nodes: 1, notebooks: [{name: alpha}]}]").clusters).toHaveLength(1);
  });

  test("are not attached to a cluster that is made for a job", () => {
    const cluster = "dedicated: true, jobDefinitions: [{name: one, command: -m x}],";
    expect(refusal(withNotebook("rootVolumeGiB: 40", cluster))).toContain(
      "clusters[0].notebooks: allowed: only on a cluster without dedicated: true",
    );
  });

  test("leave room for Muster's own tags", () => {
    const tags = (from: number, count: number) =>
      `{${Array.from({ length: count }, (_, index) => `k${from + index}: v`).join(", ")}}`;
    const load = (count: number) =>
      parseMusterConfig(
        `org: {name: demo, region: us-east-1, tags: ${tags(0, 23)}}\nclusters: ${withNotebook(`tags: ${tags(50, count)}`)}\n`,
        "/project/muster.yaml",
      );
    expect(() => load(22)).not.toThrow();
    expect(() => load(23)).toThrow(/notebooks\[0\]\.tags: got 46 tags together with org.tags; allowed: 45/);
  });

  test("take addresses of their cluster's zone", () => {
    const notebooks = Array.from({ length: 8 }, (_, index) => `{name: n${index}}`).join(", ");
    const text = `org: {name: demo, region: us-east-1, network: {cidr: 10.0.0.0/24}}\nclusters: [{name: alpha, nodes: 55, notebooks: [${notebooks}]}]\n`;
    expect(() => parseMusterConfig(text, "/project/muster.yaml")).toThrow(
      /got 63 nodes in zone 1; allowed: 58/,
    );
  });
});
