import { measureStatus } from "../status/measure.js";
import { missedStatusGoals, renderStatuses, STATUS_GOALS } from "../status/report.js";
import type { BenchSubject } from "../subject.js";

/** How many who ask for a cluster's status one agent serves. */
export const statusSubject = (): BenchSubject => ({
  name: "status",
  async measure({ work, say }) {
    say("status: 32 connections, in 15 turns");
    const figures = await measureStatus(work);
    return {
      text: renderStatuses(figures),
      json: { status: { figures, goals: STATUS_GOALS } },
      missed: missedStatusGoals(figures),
    };
  },
});
