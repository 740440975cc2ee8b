import { writeFile } from "node:fs/promises";
import { unlessMissing } from "./unless-missing.js";

/** As Nice in the agent's unit, agent/image/muster-agent.service. */
const SESSION_NICE = -15;

/**
 * Puts the agent's session before others. The kernel shares processors out to sessions first and then to the processes of each, and a job
 * begins as many sessions as it likes: a fork bomb left the agent so little that other nodes took it for dead. What the agent starts for
 * a job has a session of its own, which is like any other. Does nothing where the kernel does not look at sessions. Rejects where the agent may
 * not do this.
 * @see sched(7), "The autogroup feature"
 */
export async function putSessionFirst(path = "/proc/self/autogroup"): Promise<void> {
  await writeFile(path, String(SESSION_NICE), { flag: "r+" }).catch(unlessMissing);
}
