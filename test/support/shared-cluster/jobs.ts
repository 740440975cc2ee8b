import { newJob } from "../../../agent/contract/job.js";
import type { JobItem, JobRequest } from "../../../agent/contract/registry.js";
import { awaitEnd, openAccess, readLog } from "../../../scripts/journey/steps.js";
import { waitFor } from "../../../scripts/system/wait.js";
import { runInNode } from "../journey.js";
import type { SharedCluster } from "./use.js";

/** What a file's jobs are named by, and how long they may take. */
interface OfFile {
  /** Their keys begin with it: it is the file's own. */
  readonly prefix: string;
  /** Of a request that does not say. */
  readonly timeoutSeconds: number;
  /** For a job's end. */
  readonly waitSeconds: number;
  /** For all that waits for a job's end. */
  readonly signalMs: number;
}

/** The jobs of one test file on the shared cluster, which is there once its beforeAll has run. */
export function jobsOnSharedCluster(
  shared: () => SharedCluster,
  { prefix, timeoutSeconds, waitSeconds, signalMs }: OfFile,
) {
  let count = 0;
  const access = () => {
    const { org, region } = shared().journey.place.workspace;
    return openAccess(org, region);
  };

  async function submit(request: JobRequest): Promise<JobItem> {
    count += 1;
    const whole = { timeoutSeconds, ...request };
    const job = newJob(shared().cluster.uuid, `${prefix}-${count}`, whole, new Date());
    await access().jobs.submit(job);
    return job;
  }

  /** A node's processes of the job user and the launch user, without the agent's own errands, which come and go. */
  async function processesOn(node: string): Promise<string[]> {
    const ps = ["ps", "-u", "1500,1503", "-o", "args", "--no-headers"] as const;
    const { stdout } = await runInNode(shared().journey.place, node, ps);
    return stdout.split("\n").filter((line) => line !== "" && !line.includes("muster-errand"));
  }

  return {
    access,
    submit,
    processesOn,
    /** How many were submitted. */
    count: () => count,
    ended: ({ id }: JobItem): Promise<JobItem> =>
      awaitEnd(access(), shared().cluster, id, waitSeconds, {
        say: () => {},
        signal: AbortSignal.timeout(signalMs),
      }),
    logOf: async (job: JobItem): Promise<string> => (await readLog(access(), job)).toString(),
    async expectNothingLeft(): Promise<void> {
      for (const { id } of shared().cluster.nodes)
        await waitFor({
          what: `no process of a job on ${id}`,
          timeoutSeconds: 30,
          look: () => processesOn(id),
          isDone: (lines) => lines.length === 0,
          describe: (lines) => lines.join(" | "),
        });
    },
  };
}
