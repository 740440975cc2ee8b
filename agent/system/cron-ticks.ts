import { schedule, validate } from "node-cron";
import type { Ticks } from "../schedules/ports.js";

const SILENT = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} } as const;

/**
 * node-cron's tick. It is trusted with no slot: it skips a day in spring and an hour in autumn, and drops what was due while the
 * process was busy. In UTC, as its own hour is never set back.
 */
export const cronTicks: Ticks = {
  start(tick) {
    const options = { timezone: "UTC", suppressMissedWarning: true, logger: SILENT } as const;
    const task = schedule("* * * * * *", tick, options);
    return () => void task.destroy();
  },
  accepts: validate,
};
