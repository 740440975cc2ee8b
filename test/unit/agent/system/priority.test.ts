import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { putSessionFirst } from "../../../../agent/system/priority.js";

const unit = readFileSync("agent/image/muster-agent.service", "utf8");

describe("the agent's priority over jobs", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), "priority-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test("is its session's as its unit has it for its process, and nothing that it starts inherits it", async () => {
    const session = path.join(folder, "autogroup");
    writeFileSync(session, "0");
    await putSessionFirst(session);
    expect(unit).toContain(`\nNice=${readFileSync(session, "utf8")}\n`);
    expect(unit).toContain("\nCPUSchedulingResetOnFork=yes\n");
  });

  test("is the process's alone where the kernel does not look at sessions", async () => {
    const missing = path.join(folder, "missing");
    await putSessionFirst(missing);
    expect(() => readFileSync(missing)).toThrow("ENOENT");
  });

  test("is said to be refused where it is", async () => {
    await expect(putSessionFirst(folder)).rejects.toThrow("EISDIR");
  });
});
