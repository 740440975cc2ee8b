import {
  type AgentRequest,
  approachHead,
  type NudgeContact,
  nudgeAfter,
} from "../../agent/contract/nudge.js";

/** Makes a submitter's write of a job, and nudges the cluster's head if that gives true, without waiting for it. */
export type WriteAndNudge = (
  job: { readonly clusterUuid: string; readonly id: string },
  write: () => Promise<boolean>,
) => Promise<boolean>;

/** One silent try where the network allows: without it the head finds the job by itself. */
export const nudging =
  (sources: Omit<NudgeContact, "send">): WriteAndNudge =>
  async (job, write) =>
    (await nudgeAfter(job, write, approachHead(job.clusterUuid, { ...sources, send }))).isWritten;

async function send({ url, timeoutMs, ...request }: AgentRequest): Promise<void> {
  const reply = await fetch(url, {
    ...request,
    redirect: "error",
    signal: AbortSignal.timeout(timeoutMs),
  });
  await reply.body?.cancel();
  if (!reply.ok) throw new Error(`HTTP ${reply.status}`);
}
