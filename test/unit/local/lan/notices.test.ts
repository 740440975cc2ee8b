import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { announce, isNoticePath, readNotice } from "../../../../scripts/local/lan/notices.js";

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), "muster-notices-")), "notices");
});
afterEach(() => rmSync(join(folder, ".."), { recursive: true, force: true }));

test("what is announced to one instance is there at its own path, until it is taken back", () => {
  announce(folder, "10.0.0.5", { spot: '{"action":"terminate"}' });
  expect(readNotice(folder, "10.0.0.5", "meta-data/spot/instance-action")).toBe('{"action":"terminate"}');
  expect(readNotice(folder, "10.0.0.5", "meta-data/events/maintenance/scheduled")).toBeNull();
  expect(readNotice(folder, "10.0.0.6", "meta-data/spot/instance-action")).toBeNull();
  announce(folder, "10.0.0.5", {});
  expect(readNotice(folder, "10.0.0.5", "meta-data/spot/instance-action")).toBeNull();
});

test.each([
  ["meta-data/spot/instance-action", true],
  ["meta-data/events/recommendations/rebalance", true],
  ["meta-data/instance-id", false],
])("%s is a notice: %s", (path, expected) => {
  expect(isNoticePath(path)).toBe(expected);
});
