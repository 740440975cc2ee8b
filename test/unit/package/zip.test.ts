import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { zip } from "../../../scripts/package/zip.js";

const ENTRIES = [
  { name: "program", content: Buffer.from("#!/bin/sh\n".repeat(10_000)), isExecutable: true },
  { name: "leer-größe.txt", content: Buffer.alloc(0), isExecutable: false },
];

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "muster-zip-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Python's own reader: its CRC test, and each entry as [name, mode, time]. */
const READER = `import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    assert archive.testzip() is None
    archive.extractall(sys.argv[2])
    print(json.dumps([[i.filename, i.external_attr >> 16, list(i.date_time)] for i in archive.infolist()]))`;

test("another program's reader finds every file whole, with its mode and no time of packing", () => {
  const file = join(folder, "it.zip");
  writeFileSync(file, zip(ENTRIES));
  const listed = execFileSync("python3", ["-c", READER, file, join(folder, "out")], { encoding: "utf8" });
  const epoch = [1980, 1, 1, 0, 0, 0];
  expect(JSON.parse(listed)).toEqual([
    ["program", 0o100755, epoch],
    ["leer-größe.txt", 0o100644, epoch],
  ]);
  for (const { name, content } of ENTRIES) {
    expect(readFileSync(join(folder, "out", name)).equals(content)).toBe(true);
  }
  expect(statSync(file).size).toBeLessThan(1000);
});

test("the same entries are the same bytes; a reader refuses them when one is changed", () => {
  const packed = zip(ENTRIES);
  expect(zip(ENTRIES)).toEqual(packed);
  packed[60] = (packed[60] ?? 0) ^ 0xff;
  const file = join(folder, "broken.zip");
  writeFileSync(file, packed);
  expect(() =>
    execFileSync("python3", ["-c", READER, file, join(folder, "none")], { stdio: "pipe" }),
  ).toThrow();
});
