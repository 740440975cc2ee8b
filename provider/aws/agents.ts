import { Agent, request } from "node:https";
import { connect } from "node:net";
import { boundedText } from "../../agent/contract/bounded-text.js";
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

const kept = new Agent({ keepAlive: true });
const MAX_ANSWER_BYTES = 1_048_576;

/** Not by fetch, which takes no authorities. Resolves when the answer is read: its connection is free again then. */
function send({ url, authorities, timeoutMs, body, ...options }: AgentRequest): Promise<string> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const call = request(url, { ...options, ca: [...authorities], agent: kept, signal }, (reply) => {
      const { statusCode = 0 } = reply;
      const isGood = statusCode >= 200 && statusCode < 300;
      if (!isGood) reply.once("end", () => reject(new Error(`HTTP ${statusCode}`))).resume();
      else boundedText(reply, MAX_ANSWER_BYTES).then(resolve, reject);
    });
    call.once("error", reject);
    call.end(body);
  });
}
