import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { openLimits } from "../../../../scripts/local/limits/limits.js";
import type { LimitKey, LimitValues } from "../../../../scripts/local/limits/plan.js";
import type { Sysctl } from "../../../../scripts/local/limits/sysctl.js";

const DEFAULTS: LimitValues = {
  "fs.inotify.max_user_instances": 128,
  "net.ipv4.neigh.default.gc_thresh3": 1024,
};

let folder: string;
let record: string;
let values: Partial<Record<LimitKey, number>>;
let readOnly: Set<LimitKey>;
const sysctl: Sysctl = {
  read: () => ({ ...values }),
  write(key, value) {
    if (readOnly.has(key)) throw new Error("EROFS: read-only file system");
    values[key] = value;
  },
};
const limits = () => openLimits(sysctl, record);
/** A cloud's folder. */
function cloud(name: string): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  return path;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "muster-limits-"));
  record = join(folder, "run/limits.json");
  values = { ...DEFAULTS };
  readOnly = new Set();
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("the machine's limits", () => {
  test("are raised by a claim and restored by its release, by another process too", async () => {
    await limits().claim(cloud("a"), 64);
    expect(values["fs.inotify.max_user_instances"]).toBe(128 + 5 * 64);
    expect(limits().claimed(cloud("a"))).toBe(64);
    await limits().release(cloud("a"));
    expect(values).toEqual(DEFAULTS);
    expect(limits().claimed(cloud("a"))).toBe(0);
    expect(existsSync(record)).toBe(false);
  });

  test("stay raised until the last cloud goes", async () => {
    await Promise.all([limits().claim(cloud("a"), 64), limits().claim(cloud("b"), 20)]);
    expect(values["fs.inotify.max_user_instances"]).toBe(128 + 5 * 84);
    expect(limits().claimedByAll()).toBe(84);
    await limits().release(cloud("a"));
    expect(values["fs.inotify.max_user_instances"]).toBe(128 + 5 * 20);
    await limits().release(cloud("b"));
    expect(values).toEqual(DEFAULTS);
  });

  test("a cloud that was removed by hand counts no more", async () => {
    await limits().claim(cloud("a"), 64);
    rmSync(cloud("a"), { recursive: true });
    await limits().claim(cloud("b"), 4);
    await limits().release(cloud("b"));
    expect(values).toEqual(DEFAULTS);
  });

  test("a release without a claim, and a second one, do nothing", async () => {
    await limits().release(cloud("a"));
    await limits().claim(cloud("a"), 64);
    await limits().release(cloud("a"));
    await limits().release(cloud("a"));
    expect(values).toEqual(DEFAULTS);
  });

  test("fails with the limit, its value and the command where one can't be set, and leaves all as it was", async () => {
    readOnly.add("net.ipv4.neigh.default.gc_thresh3");
    await limits().claim(cloud("a"), 8);
    const before = { ...values };
    await expect(limits().claim(cloud("a"), 64)).rejects.toThrow(
      /net\.ipv4\.neigh\.default\.gc_thresh3 is 1024, but must be 4480 \(EROFS.*sysctl -w net\.ipv4\.neigh\.default\.gc_thresh3=4480$/,
    );
    expect(values).toEqual(before);
    expect(limits().claimed(cloud("a"))).toBe(8);
    await expect(limits().claim(cloud("b"), 64)).rejects.toThrow("for 72 local nodes");
    expect(limits().claimed(cloud("b"))).toBe(0);
  });

  test("a limit that can't be set does not matter if it is high enough", async () => {
    readOnly = new Set(["fs.inotify.max_user_instances", "net.ipv4.neigh.default.gc_thresh3"]);
    values = { "fs.inotify.max_user_instances": 8192, "net.ipv4.neigh.default.gc_thresh3": 65536 };
    await expect(limits().claim(cloud("a"), 64)).resolves.toBeUndefined();
  });
});
