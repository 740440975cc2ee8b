import { describe, expect, test } from "@jest/globals";
import type { InstanceType } from "../../../../provider/client/ports.js";
import { chooseInstanceTypes, type Wish } from "../../../../provider/data/instance-types/choose.js";

const type = (name: string, cores: number, more: Partial<InstanceType> = {}): InstanceType => ({
  name,
  vcpus: 2 * cores,
  cores,
  memoryMib: 4096 * cores,
  efa: false,
  architectures: ["x86_64"],
  ...more,
});
const OFFERED = [
  type("c5n.18xlarge", 36, { efa: true }),
  type("c5.xlarge", 2),
  type("r5.xlarge", 2, { memoryMib: 32_768 }),
  type("c5a.xlarge", 2),
  type("c6g.xlarge", 4, { architectures: ["arm64"] }),
];
const ANY: Wish = { name: null, architecture: null, efa: null, min_cores: null, min_memory_mib: null };

describe("chooseInstanceTypes", () => {
  test.each<[string, Partial<Wish>, readonly string[]]>([
    [
      "nothing: all, the smallest first",
      {},
      ["c5.xlarge", "c5a.xlarge", "r5.xlarge", "c6g.xlarge", "c5n.18xlarge"],
    ],
    ["a name", { name: "c5.xlarge" }, ["c5.xlarge"]],
    ["* in a name; . is a dot only", { name: "c5*.*" }, ["c5.xlarge", "c5a.xlarge", "c5n.18xlarge"]],
    ["? in a name", { name: "c5?.xlarge" }, ["c5a.xlarge"]],
    ["cores", { min_cores: 4 }, ["c6g.xlarge", "c5n.18xlarge"]],
    ["memory", { min_memory_mib: 32_768 }, ["r5.xlarge", "c5n.18xlarge"]],
    ["an EFA", { efa: true }, ["c5n.18xlarge"]],
    ["no EFA", { efa: false, min_cores: 3 }, ["c6g.xlarge"]],
    ["an architecture", { architecture: "arm64" }, ["c6g.xlarge"]],
  ])("by %s", (_name, wish, expected) => {
    const { types, reason } = chooseInstanceTypes(OFFERED, { ...ANY, ...wish });
    expect(types.map(({ name }) => name)).toEqual(expected);
    expect(reason).toBeNull();
  });

  test.each<[Partial<Wish>, string]>([
    [
      { name: "p9*" },
      "none of 5 types has a name like p9*: there is c5.xlarge, c5a.xlarge, c5n.18xlarge, c6g.xlarge, r5.xlarge",
    ],
    [
      { architecture: "x86_64", min_cores: 64 },
      "none of 4 types with architecture x86_64 has 64 cores: the most is 36",
    ],
    [{ name: "c6g*", efa: true }, "none of 1 types with a name like c6g* has an EFA: all are without"],
    [{ min_memory_mib: 1e6 }, "none of 5 types has 1000000 MiB of memory: the most is 147456"],
    [
      { name: "r5*", architecture: "arm64" },
      "none of 1 types with a name like r5* has architecture arm64: there is x86_64",
    ],
  ])("none, with the wish that left none: %p", (wish, reason) => {
    expect(chooseInstanceTypes(OFFERED, { ...ANY, ...wish })).toEqual({ types: [], reason });
  });

  test("none where EC2 offers none", () => {
    expect(chooseInstanceTypes([], ANY).reason).toBe("EC2 offers no instance types in this region");
  });
});
