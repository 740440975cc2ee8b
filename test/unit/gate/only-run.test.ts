import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, expect, test } from "@jest/globals";

const MODULE = join(__dirname, "../../support/only-run.mjs");
/** Nobody else's. */
const SUITE = `unit-${process.pid}`;
const HOLD = `const { holdAlone } = await import(${JSON.stringify(MODULE)});
await holdAlone("${SUITE}").then(() => holdAlone("${SUITE}")).then(() => console.log("held"), (error) => { console.log(error.message); process.exit(1); });
process.stdin.resume();`;

const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill("SIGKILL");
});

/** A process that holds the suite, or says why not: its first line. */
async function hold(): Promise<{ readonly child: ChildProcess; readonly said: string }> {
  const child = spawn(process.execPath, ["--input-type=module", "-e", HOLD], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  running.push(child);
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  return { child, said: said.toString().trim() };
}

test("a run of tests with local clouds is alone, says which one runs, and may begin once that has ended in any way", async () => {
  const first = await hold();
  expect(first.said).toBe("held");
  const second = await hold();
  expect(second.said).toContain(`process ${first.child.pid} in ${process.cwd()}, since 2`);
  expect(second.said).toMatch(/^Another run of the unit-\d+ tests .* Start this one when that has ended\.$/);
  first.child.kill("SIGKILL");
  await once(first.child, "exit");
  expect((await hold()).said).toBe("held");
});

test("a run that is stopped is named too, as one that does not answer", async () => {
  const { child } = await hold();
  child.kill("SIGSTOP");
  expect((await hold()).said).toContain("a process that does not answer (`ss -xlp` shows which)");
});
