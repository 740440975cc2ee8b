import { measureDeliveries, measureFollows } from "../logs/measure.js";
import { LOG_GOALS, missedLogGoals, renderLogs } from "../logs/report.js";
import type { BenchSubject } from "../subject.js";

/** A job's output: how soon it is in S3, what that costs the agent, and how soon a line is seen. */
export const logsSubject = (): BenchSubject => ({
  name: "logs",
  async measure({ work, say }) {
    say("logs: 1 GB of output, twice 10 s");
    const deliveries = await measureDeliveries(work);
    say("logs: lines that are followed");
    const follows = await measureFollows(work);
    return {
      text: renderLogs(deliveries, follows),
      json: { logs: { deliveries, follows, goals: LOG_GOALS } },
      missed: missedLogGoals(deliveries, follows),
    };
  },
});
