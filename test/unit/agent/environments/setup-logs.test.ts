import { expect, test } from "@jest/globals";
import { pino } from "pino";
import { createSetupLogs, type SetupLog } from "../../../../agent/environments/setup-logs.js";
import { fastClock } from "../../../support/agent/fast-clock.js";

async function until(condition: () => boolean): Promise<void> {
  for (let round = 0; round < 5_000; round += 1) {
    if (condition()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error("it never happened");
}

/** A node with these logs; the bucket takes what `takes` says. */
function world(count: number, takes: (log: SetupLog) => boolean) {
  const files = new Map<string, SetupLog>();
  for (let n = 1; n <= count; n += 1) files.set(`/logs/${n}`, { jobId: "j", attempt: n, path: `/logs/${n}` });
  const put: string[] = [];
  const seen = { takenUp: false, tries: 0, takes };
  const logs = createSetupLogs({
    files: {
      async takeUp() {
        seen.takenUp = true;
      },
      list: async () => [...files.values()],
      remove: async (path) => void files.delete(path),
    },
    async put(log) {
      seen.tries += 1;
      if (!seen.takes(log)) throw new Error("SlowDown");
      put.push(log.path);
    },
    clock: fastClock(),
    log: pino({ level: "silent" }),
  });
  return { files, put, seen, logs };
}

test("set-ups' logs are delivered, then removed, each for itself", async () => {
  const { files, put, seen, logs } = world(3, ({ attempt }) => attempt !== 2);
  logs.start();
  await until(() => put.length === 2);
  expect(seen.takenUp).toBe(true);
  expect([...files.keys()]).toEqual(["/logs/2"]);
  seen.takes = () => true;
  await until(() => files.size === 0);
  expect(put).toEqual(["/logs/1", "/logs/3", "/logs/2"]);
  await logs.stop();
});

test("a bucket that takes none is tried again, and does not fill the disk", async () => {
  const { files, seen, logs } = world(30, () => false);
  logs.start();
  await until(() => seen.tries > 60);
  expect(files.size).toBe(20);
  await logs.stop();
});
