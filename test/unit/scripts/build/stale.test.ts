import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { whereStale } from "../../../../scripts/build/stale.js";

let root: string;
let count: number;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "muster-stale-"));
  count = 0;
  mkdirSync(join(root, "sources/deep"), { recursive: true });
  write("sources/deep/one.ts", "one");
  write("lock.json", "{}");
});
afterEach(() => rmSync(root, { recursive: true }));

const write = (path: string, text: string) => writeFileSync(join(root, path), text);
const making = () => ({ root, from: ["sources", "lock.json"], made: ["dist/program"], stamp: "dist/stamp" });
const build = () =>
  whereStale(making(), async () => {
    count += 1;
    mkdirSync(join(root, "dist"), { recursive: true });
    write("dist/program", "one");
  });

test("makes what is not there, and then nothing while all stays as it is, whatever the files' times", async () => {
  expect(await build()).toBe(true);
  expect(await build()).toBe(false);
  utimesSync(join(root, "sources/deep/one.ts"), 0, 0);
  utimesSync(join(root, "dist/program"), 1, 1);
  expect(await build()).toBe(false);
  expect(count).toBe(1);
});

test.each<readonly [what: string, change: () => void]>([
  ["a source has changed", () => write("sources/deep/one.ts", "two")],
  ["a source is new", () => write("sources/two.ts", "two")],
  ["a source is gone", () => rmSync(join(root, "sources/deep/one.ts"))],
  ["the packages are others", () => write("lock.json", "{ }")],
  ["what was made is gone", () => rmSync(join(root, "dist"), { recursive: true })],
  ["what was made is another's", () => write("dist/program", "ONE")],
  ["the stamp is cut", () => write("dist/stamp", "")],
])("makes it again where %s", async (_what, change) => {
  await build();
  change();
  expect(await build()).toBe(true);
  expect(await build()).toBe(false);
});

test("remembers nothing where making fails", async () => {
  const failing = whereStale(making(), async () => {
    throw new Error("esbuild says no");
  });
  await expect(failing).rejects.toThrow("esbuild says no");
  expect(await build()).toBe(true);
});
