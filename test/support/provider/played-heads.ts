import { setTimeout as sleep } from "node:timers/promises";
import type { TestEmulator } from "../emulator.js";
import { startFakeHead } from "./fake-head.js";
import { startFakeJobHead } from "./fake-job-head.js";
import { openOrg } from "./org.js";
import { openJobs } from "./org-jobs.js";

/** The head nodes of clusters that a test deploys, played: nodes are ready when they are all there, jobs finish. */
export interface PlayedHeads {
  stop(): Promise<void>;
}

const EVERY_MS = 500;

/** Those of the clusters of these names, from when each exists. Their groups are named as the stacks name them. */
export function playHeads(
  emulator: TestEmulator,
  orgName: string,
  clusterNames: readonly string[],
): PlayedHeads {
  const org = openOrg(emulator, orgName);
  const stopping = new AbortController();
  const heads = clusterNames.map((name) => {
    const group = async () => org.group(`muster-${name}-${await org.findUuid(name)}`);
    return startFakeHead({ ...org, group }, name, "");
  });
  const jobHeads = clusterNames.map(async (name) => {
    while (!stopping.signal.aborted) {
      const uuid = await org.findUuid(name).catch(() => null);
      if (uuid !== null) return startFakeJobHead(openJobs(emulator, orgName, uuid));
      await sleep(EVERY_MS);
    }
    return null;
  });
  return {
    async stop() {
      stopping.abort();
      await Promise.all(heads.map((head) => head.stop()));
      await Promise.all(jobHeads.map(async (head) => (await head)?.stop()));
    },
  };
}
