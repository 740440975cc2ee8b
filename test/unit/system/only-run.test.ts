import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, expect, test } from "@jest/globals";

const MODULE = join(__dirname, "../../../scripts/system/only-run.ts");
/** Nobody else's. */
const PROGRAM = `the unit-${process.pid} tests`;
const HOLD = `const { holdAlone } = await import(${JSON.stringify(MODULE)});
let release;
await holdAlone("${PROGRAM}").then(() => holdAlone("${PROGRAM}")).then((given) => { release = given; console.log("held"); }, (error) => { console.log(error.message); process.exit(1); });
process.stdin.once("data", () => release().then(() => console.log("released")));`;

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
  expect(second.said).toMatch(
    /^the unit-\d+ tests can't begin: another run .* Start this one when that has ended\.$/,
  );
  first.child.kill("SIGKILL");
  await once(first.child, "exit");
  expect((await hold()).said).toBe("held");
});

test("a run that is stopped is named too, as one that does not answer", async () => {
  const { child } = await hold();
  child.kill("SIGSTOP");
  expect((await hold()).said).toContain("a process that does not answer (`ss -xlp` shows which)");
});

test("a run that gives it back lives on, and another may begin", async () => {
  const { child } = await hold();
  child.stdin?.write("go on\n");
  expect(String((await once(child.stdout ?? process.stdin, "data"))[0])).toBe("released\n");
  expect((await hold()).said).toBe("held");
  expect(child.exitCode).toBeNull();
});
