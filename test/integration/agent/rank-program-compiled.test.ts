import { copyFile, readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { compileRankProgram } from "../../../agent/system/rank-program.js";
import { temporaryFolder } from "../../support/agent/job-user.js";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let before: string | undefined;
beforeEach(async () => {
  folder = await temporaryFolder();
  before = process.env["PYTHONDONTWRITEBYTECODE"];
  // A person's own setting, which the agent's unit does not have.
  delete process.env["PYTHONDONTWRITEBYTECODE"];
});
afterEach(async () => {
  if (before !== undefined) process.env["PYTHONDONTWRITEBYTECODE"] = before;
  await folder.remove();
});

test("the program of ranks is compiled once, and anew when it is another", async () => {
  const source = join(folder.path, "rank_program.py");
  const kept = () => readdir(join(folder.path, "__pycache__"));
  await copyFile("agent/launcher/rank_program.py", source);
  await compileRankProgram(folder.path);
  expect(await kept()).toEqual([expect.stringMatching(/^rank_program\.cpython-\d+\.pyc$/)]);
  await writeFile(source, "import no_such_module\n");
  await utimes(source, new Date(0), new Date(0));
  await expect(compileRankProgram(folder.path)).rejects.toThrow("no_such_module");
});
