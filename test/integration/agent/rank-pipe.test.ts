import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { openRankPipe, type PipeReport } from "../../../agent/system/rank-pipe.js";
import { waitFor } from "../../../scripts/system/wait.js";
import { temporaryFolder } from "../../support/agent/job-user.js";

const LAUNCH = "0f1e2d3c-4b5a-4697-8899-aabbccddeeff";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let pipe: { close(): void } | undefined;
let reports: PipeReport[];
const path = () => join(folder.path, "ranks.pipe");
beforeEach(async () => {
  folder = await temporaryFolder();
  reports = [];
  pipe = await openRankPipe(path(), 0, (report) => void reports.push(report));
});
afterEach(async () => {
  pipe?.close();
  await folder.remove();
});

/** As rank.sh does it, once for each text. */
const write = (...texts: readonly string[]): void => {
  for (const text of texts)
    execFileSync("/bin/sh", ["-c", 'printf "%s\\n" "$1" 1<>"$2"', "sh", text, path()], { timeout: 10_000 });
};
const come = (count: number): Promise<unknown> =>
  waitFor({
    ...{ what: `${count} reports`, timeoutSeconds: 20, everyMs: 10 },
    look: async () => reports.length,
    isDone: (seen) => seen >= count,
    describe: String,
  });

test("each line of a shell is a report, one writer after another", async () => {
  write(`${LAUNCH} 2 137`, `${LAUNCH} 0 1`);
  await come(2);
  expect(reports).toEqual([
    { launch: LAUNCH, rank: 2, status: 137 },
    { launch: LAUNCH, rank: 0, status: 1 },
  ]);
});

test("what is no report is passed over, whatever its length", async () => {
  write(
    "",
    "x".repeat(5_000),
    `${LAUNCH} 1 0`,
    `${LAUNCH} 1 999`,
    `${LAUNCH} -1 1`,
    `../.. 1 1`,
    `${LAUNCH} 3 9`,
  );
  await come(1);
  expect(reports).toEqual([{ launch: LAUNCH, rank: 3, status: 9 }]);
});

test("the next agent's pipe takes the place of the one before; a writer waits for no reader", async () => {
  expect(statSync(path()).mode & 0o777).toBe(0o660);
  pipe?.close();
  write(`${LAUNCH} 1 1`);
  pipe = await openRankPipe(path(), 0, (report) => void reports.push(report));
  write(`${LAUNCH} 1 2`);
  await come(1);
  expect(reports).toEqual([{ launch: LAUNCH, rank: 1, status: 2 }]);
});
