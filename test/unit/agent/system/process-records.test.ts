import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { openProcessRecords } from "../../../../agent/system/process-records.js";

const record = { pid: 7, startTicks: "100" };

describe("the records of processes", () => {
  let folder = "";
  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), "muster-records-")), "jobs");
  });
  afterEach(() => rm(join(folder, ".."), { recursive: true }));

  test("have no records, and can forget one, if there is no folder yet", async () => {
    const records = openProcessRecords(folder);
    expect(await records.ids()).toEqual([]);
    expect(await records.recall("a")).toBeNull();
    await records.forget("a");
  });

  test("are found when they are opened again, until they are forgotten", async () => {
    const records = openProcessRecords(folder);
    await records.prepare();
    await records.prepare();
    await records.remember("a", { pid: 1, startTicks: "1" });
    await records.remember("a", record);
    await records.remember("b", record);
    const next = openProcessRecords(folder);
    expect([...(await next.ids())].sort()).toEqual(["a", "b"]);
    expect(await next.recall("a")).toEqual(record);
    await next.forget("a");
    expect(await records.recall("a")).toBeNull();
    expect(await readdir(folder)).toEqual(["b.json"]);
  });

  test("leave other files alone", async () => {
    const records = openProcessRecords(folder);
    await records.prepare();
    await writeFile(join(folder, "a.log"), "");
    await writeFile(join(folder, "a.json.part"), "{");
    expect(await records.ids()).toEqual([]);
  });

  test("that can't be read are an error: the process may run", async () => {
    await writeFile(folder, "no folder");
    const records = openProcessRecords(folder);
    await expect(records.recall("a")).rejects.toThrow("ENOTDIR");
    await expect(records.ids()).rejects.toThrow("ENOTDIR");
  });
});
