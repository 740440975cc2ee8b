import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type ServiceOptions, startService } from "../../../scripts/system/service.js";

const shell = (script: string): [string, ...string[]] => ["/bin/sh", "-c", script];
const OPTIONS: ServiceOptions<number> = {
  name: "The clock",
  readReady: (line) => (line.startsWith("port ") ? Number(line.slice(5)) : null),
  timeoutSeconds: 10,
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "muster-service-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("runs on when it is ready, tells what its line said, and keeps its log", async () => {
  const logFile = join(folder, "log");
  const script = "echo starting; echo port 80 >&2; while :; do echo more; sleep 0.05; done";
  const service = await startService(shell(script), { ...OPTIONS, logFile });
  expect(service.ready).toBe(80);
  expect(process.kill(service.pid, 0)).toBe(true);
  await service.stop();
  await service.stop();
  expect(() => process.kill(service.pid, 0)).toThrow("ESRCH");
  expect(readFileSync(logFile, "utf8")).toMatch(/starting\n(.*\n)*port 80\n/);
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
  ["is not ready in time", shell("echo hm; exec sleep 30"), "(/bin/sh) was not ready within 0.5 s.\nhm"],
  ["is not there", ["/no/such/program"], "(/no/such/program) could not be started: "],
])("that %s fails with its name and its last words", async (_name, argv, message) => {
  const starting = startService(argv, { ...OPTIONS, timeoutSeconds: 0.5 });
  await expect(starting).rejects.toThrow(`The clock ${message}`);
});
