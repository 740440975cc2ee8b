import { measureScale } from "../scale/measure.js";
import { missedScaleGoals, renderScale, SCALE_GOALS } from "../scale/report.js";
import type { BenchSubject } from "../subject.js";

/** One head and so many nodes, which are simulated but for their links. */
export const scaleSubject = (nodes: number): BenchSubject => ({
  name: "scale",
  async measure({ say }) {
    if (process.platform !== "linux") {
      say("scale: left out, for it needs Linux");
      return null;
    }
    say(`scale: ${nodes} nodes join a head`);
    const figures = await measureScale(nodes, say);
    return {
      text: renderScale(figures),
      json: { scale: { figures, goals: SCALE_GOALS } },
      missed: missedScaleGoals(figures),
    };
  },
});
