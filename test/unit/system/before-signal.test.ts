import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, expect, test } from "@jest/globals";

const MODULE = join(__dirname, "../../../scripts/system/before-signal.ts");

const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill("SIGKILL");
});

/** A process that does `act` before a signal ends it, once it is ready. What it says comes to `said`. */
async function start(act: string, more = "") {
  const program = `const { beforeSignal } = await import(${JSON.stringify(MODULE)});
const forget = beforeSignal(${act});
${more}
console.log("ready");
setInterval(() => undefined, 1_000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program]);
  running.push(child);
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (text) => said.push(String(text).trim()));
  const ended = once(child, "close").then(([code, signal]) => signal ?? code);
  await once(child.stdout, "data");
  return { child, said, ended };
}

test.each(["SIGHUP", "SIGINT", "SIGTERM"] as const)(
  "%s ends the process once it has done so",
  async (signal) => {
    const { child, said, ended } = await start(
      "(signal) => new Promise((done) => setTimeout(() => { console.log('after', signal); done(); }, 20))",
    );
    child.kill(signal);
    expect([await ended, said]).toEqual([signal, ["ready", `after ${signal}`]]);
  },
);

test("what fails is said, and the process ends all the same", async () => {
  const { child, said, ended } = await start("() => { throw new Error('it is busy'); }");
  child.kill("SIGTERM");
  expect([await ended, said]).toEqual(["SIGTERM", ["ready", "it is busy"]]);
});

test("a second signal does not wait for it", async () => {
  const { child, ended } = await start(
    "() => { console.log('begun'); return new Promise(() => undefined); }",
  );
  child.kill("SIGINT");
  await once(child.stdout ?? process.stdin, "data");
  child.kill("SIGTERM");
  expect(await ended).toBe("SIGTERM");
});

test("once it is taken back, a signal ends the process as any other", async () => {
  const { child, said, ended } = await start("() => console.log('never')", "forget();");
  child.kill("SIGTERM");
  expect([await ended, said]).toEqual(["SIGTERM", ["ready"]]);
});
