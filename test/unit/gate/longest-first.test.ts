import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";

const TEST = join(__dirname, "../..");

test("the files that are started first are all there, each once", () => {
  const names = JSON.parse(readFileSync(join(TEST, "support/longest-first.json"), "utf8")) as string[];
  const found = names.filter((name) => existsSync(join(TEST, `${name}.test.ts`)));
  expect([...new Set(found)]).toEqual(names);
});
