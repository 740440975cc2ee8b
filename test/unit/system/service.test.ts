import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type ServiceOptions, startService } from "../../../scripts/system/service.js";
import { waitFor } from "../../../scripts/system/wait.js";

const shell = (script: string): [string, ...string[]] => ["/bin/sh", "-c", script];
const OPTIONS: ServiceOptions<number> = {
  name: "The clock",
  readReady: (line) => (line.startsWith("port ") ? Number(line.slice(5)) : null),
  timeoutSeconds: 60,
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "muster-service-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("keeps running when it is ready, returns its ready line's text, and keeps its log", async () => {
  const logFile = join(folder, "log");
  const script = "echo starting; echo port 80 >&2; while :; do echo more; sleep 0.05; done";
  const service = await startService(shell(script), { ...OPTIONS, logFile });
  expect(service.ready).toBe(80);
  expect(process.kill(service.pid, 0)).toBe(true);
  await service.stop();
  await service.stop();
  expect(() => process.kill(service.pid, 0)).toThrow("ESRCH");
  // The two streams come in any order, and the log is written behind the reader's back.
  await waitFor({
    what: "the log",
    timeoutSeconds: 60,
    everyMs: 10,
    look: async () => readFileSync(logFile, "utf8"),
    isDone: (log) => log.includes("starting\n") && log.includes("port 80\n"),
    describe: (log) => log,
  });
});

test("that ends later by itself says so", async () => {
  const service = await startService(shell("echo port 1; sleep 0.1"), OPTIONS);
  await expect(service.ended).resolves.toBeUndefined();
  await service.stop();
});

test("is ended in the way that is asked for", async () => {
  const asked: string[] = [];
  const service = await startService(shell("echo port 1; read line"), {
    ...OPTIONS,
    stdin: "pipe",
    end: () => {
      asked.push("end");
      process.kill(service.pid, "SIGKILL");
    },
  });
  await service.stop();
  expect(asked).toEqual(["end"]);
});

test.each<[string, [string, ...string[]], string]>([
  [
    "ends before it is ready",
    shell("echo no room >&2; exit 3"),
    "(/bin/sh) ended with exit code 3.\nno room",
  ],
  ["is not there", ["/no/such/program"], "(/no/such/program) could not be started: "],
])("that %s fails with its name and its last words", async (_name, argv, message) => {
  await expect(startService(argv, OPTIONS)).rejects.toThrow(`The clock ${message}`);
});

test("that is not ready in time fails with its name", async () => {
  const starting = startService(shell("exec sleep 600"), { ...OPTIONS, timeoutSeconds: 0.3 });
  await expect(starting).rejects.toThrow("The clock (/bin/sh) was not ready within 0.3 s.");
});
