import { request } from "node:https";
import { connect } from "node:net";
import {
  type AgentPlace,
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
  (sources: Pick<NudgeContact, "readLease" | "readSecret">): WriteAndNudge =>
  async (job, write) =>
    (await nudgeAfter(job, write, approachHead(job.clusterUuid, { ...sources, ...calls }))).isWritten;

const calls = { reach, send, now: () => new Date() };

function reach(place: AgentPlace, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(place);
    const timer = setTimeout(() => socket.destroy(new Error(`no connection in ${timeoutMs} ms`)), timeoutMs);
    socket.once("connect", () => socket.destroy());
    socket.once("error", reject);
    socket.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Not by fetch, which takes no authorities. */
function send({ url, headers, body, authorities, timeoutMs }: AgentRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const options = { method: "POST", headers, ca: [...authorities], agent: false, signal };
    const call = request(url, options, (reply) => {
      reply.resume();
      const { statusCode = 0 } = reply;
      if (statusCode >= 200 && statusCode < 300) resolve();
      else reject(new Error(`HTTP ${statusCode}`));
    });
    call.once("error", reject);
    call.end(body);
  });
}
