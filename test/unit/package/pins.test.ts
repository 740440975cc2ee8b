import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";

const read = (file: string): string => readFileSync(file, "utf8");
const json = (file: string) =>
  JSON.parse(read(file)) as {
    readonly version: string;
    readonly peerDependencies: Readonly<Record<string, string>>;
    readonly devDependencies: Readonly<Record<string, string>>;
  };

test("the executables of all platforms have the same Node.js, which is the nodes' own", () => {
  const version = (file: string) => /==(\S+)/.exec(read(file))?.[1];
  expect(version("scripts/package/node-arm64.txt")).toBe(version("agent/image/node.txt"));
});

test("the package takes what cdktf and its AWS classes take: no narrower range blocks an install", () => {
  const { peerDependencies: own, devDependencies } = json("package.json");
  const aws = json("node_modules/@cdktf/provider-aws/package.json");
  const cdktf = json("node_modules/cdktf/package.json");
  expect(own["cdktf"]).toBe(aws.peerDependencies["cdktf"]);
  expect(own["constructs"]).toBe(cdktf.peerDependencies["constructs"]);
  expect(own["@cdktf/provider-aws"]).toBe(`^${aws.version.split(".")[0]}.0.0`);
  // What they are tested with is exact.
  for (const name of Object.keys(own)) expect(devDependencies[name]).toMatch(/^\d+\.\d+\.\d+$/);
});
