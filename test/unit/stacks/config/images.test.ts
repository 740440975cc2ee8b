import { describe, expect, test } from "@jest/globals";
import { parseMusterConfig } from "../../../../stacks/config/load.js";

const parse = (images: string) =>
  parseMusterConfig(`org: {name: demo, region: us-east-1}\nimages: ${images}\n`, "/project/muster.yaml");
/** Of a file that is refused, the error. */
function refusal(images: string): string {
  try {
    parse(images);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("it was not refused");
}
const KEY = "01234567-89ab-cdef-0123-456789abcdef";

describe("images of muster.yaml", () => {
  test("get every default", () => {
    expect(parse('[{family: mpi, version: "1.4.0"}]').images).toEqual([
      {
        family: "mpi",
        version: "1.4.0",
        packages: [],
        steps: [],
        encrypted: false,
        regions: [],
        accounts: [],
        keep: 3,
        release: false,
        instanceType: "m6i.large",
        timeoutMinutes: { create: 90, update: 60, delete: 10 },
      },
    ]);
  });

  test.each([
    ["no image", "[]"],
    ["several families", '[{family: mpi, version: "1"}, {family: sim, version: "2026.11.27"}]'],
    ["packages with versions", '[{family: mpi, version: "1", packages: [gdb=16.3-1, libhdf5-dev, g++]}]'],
    [
      "a shared image with keys of its own",
      `[{family: mpi, version: "1", encrypted: true, regions: [us-west-2], accounts: ["123456789012"], kmsKeys: {us-east-1: ${KEY}, us-west-2: ${KEY}}}]`,
    ],
    ["an encrypted image that is not shared", '[{family: mpi, version: "1", encrypted: true}]'],
  ])("may be %s", (_, images) => {
    expect(() => parse(images)).not.toThrow();
  });

  test.each<[string, string, RegExp]>([
    ["a version that YAML takes for a number", "[{family: mpi, version: 1.4}]", /images\[0\]\.version/],
    [
      "a version with letters",
      '[{family: mpi, version: "1.4-rc1"}]',
      /images\[0\]\.version.*one to four numbers/,
    ],
    ["a package with an option", '[{family: mpi, version: "1", packages: ["-o x"]}]', /packages\[0\]/],
    ["a step without a script", '[{family: mpi, version: "1", steps: [{name: a}]}]', /steps\[0\]/],
    [
      "one family twice",
      '[{family: mpi, version: "1"}, {family: mpi, version: "2"}]',
      /images\[1\]\.family.*images\[0\] has this one/,
    ],
    [
      "the org's own region",
      '[{family: mpi, version: "1", regions: [us-east-1]}]',
      /images\[0\]\.regions.*besides the org's own/,
    ],
    [
      "sharing without keys",
      `[{family: mpi, version: "1", encrypted: true, regions: [us-west-2], accounts: ["123456789012"], kmsKeys: {us-east-1: ${KEY}}}]`,
      /images\[0\]\.kmsKeys.*no key for us-west-2/,
    ],
    ["an account without quotes", '[{family: mpi, version: "1", accounts: [123456789012]}]', /accounts\[0\]/],
  ])("may not have %s", (_, images, problem) => {
    expect(refusal(images)).toMatch(problem);
  });
});
