import { measureBoot } from "../boot/measure.js";
import { BOOT_GOAL_RATIO, type Boot, missedBoots, renderBoots } from "../boot/report.js";
import { measureCost } from "../cost/measure.js";
import { COST_GOALS, missedCosts, renderCosts } from "../cost/report.js";
import type { BenchSubject } from "../subject.js";

/** Clusters of so many nodes boot, each beside as many bare machines in a local cloud, which needs root on Linux. */
export const bootSubject = (sizes: readonly number[]): BenchSubject => ({
  name: "boot",
  async measure(setting) {
    if (process.platform !== "linux" || process.getuid?.() !== 0) {
      setting.say("boot: left out, for local nodes need root on Linux");
      return null;
    }
    const boots: Boot[] = [];
    for (const nodes of sizes) {
      setting.say(`boot: ${nodes} bare machines, and a cluster of ${nodes} nodes`);
      boots.push((await measureBoot(setting, nodes, async () => null)).boot);
    }
    return {
      text: renderBoots(boots),
      json: { boots, bootGoalRatio: BOOT_GOAL_RATIO },
      missed: missedBoots(boots),
    };
  },
});

/** What an agent takes while it has nothing to do, as a worker and as head of two nodes. */
export const costSubject = (): BenchSubject => ({
  name: "cost",
  async measure(setting) {
    if (process.platform !== "linux" || process.getuid?.() !== 0) {
      setting.say("cost: left out, for local nodes need root on Linux");
      return null;
    }
    setting.say("cost: a cluster of 2 nodes, idle for two minutes");
    const { used } = await measureBoot(setting, 2, (journey, cluster) =>
      measureCost({ ...cluster, cloudName: journey.place.cloudName }, setting.work),
    );
    return {
      text: renderCosts(used),
      json: { costs: used, costGoals: COST_GOALS },
      missed: missedCosts(used),
    };
  },
});
