import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { fileRequest } from "../../../scripts/journey/steps.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "muster-steps-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("a file as a job", () => {
  test("travels in it, under a name without blanks", () => {
    const file = join(folder, "my job.py");
    writeFileSync(file, "print('ä')\n");
    expect(fileRequest(file)).toMatchObject({
      command: ["my_job.py"],
      script: { name: "my_job.py", content: "print('ä')\n" },
    });
  });

  test("fails when it is too large to travel", () => {
    const file = join(folder, "large.py");
    writeFileSync(file, "#".repeat(200_001));
    expect(() => fileRequest(file)).toThrow(`${file} can't be a job: it has 200001 characters`);
  });
});
