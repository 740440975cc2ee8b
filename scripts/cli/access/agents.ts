import { Agent, request } from "node:https";
import { connect } from "node:net";
import { boundedText } from "../../../agent/contract/bounded-text.js";
import {
  type AgentPlace,
  type AgentRequest,
  approachHead,
  type HeadContact,
  type NudgeContact,
  nudgeAfter,
  offerSoon,
  patience,
} from "../../../agent/contract/nudge.js";
import type { Offered } from "../../../agent/contract/offer.js";
import type { JobItem } from "../../../agent/contract/registry.js";
import { settledSoon } from "./settled.js";

/** Nudges the heads of an org's clusters beside the commands' own calls: no command fails for it. */
export interface Nudges {
  /** Begins to look for the way to the cluster's head, unless that has begun. */
  approach(clusterUuid: string): void;
  /** Waits until the way is found, or nobody waits for it any more: for a moment, however often it is called. Never rejects. */
  approached(clusterUuid: string): Promise<void>;
  /** Has the head start a new job at once, if it can and can be reached: see offerSoon. Never rejects. */
  offer(job: JobItem): Promise<Offered>;
  /** Makes a submitter's write of a job, or with id null another of the cluster's, and nudges the head if that gives true. */
  after(
    job: { readonly clusterUuid: string; readonly id: string | null },
    write: () => Promise<boolean>,
  ): Promise<boolean>;
  /** Resolves when all nudges have arrived or been given up: after a second at most. */
  settled(): Promise<void>;
}

export function createNudges(sources: Pick<NudgeContact, "readLease" | "readSecret">): Nudges {
  const contacts = new Map<string, HeadContact>();
  /** By cluster: begun when the way is first waited for, and spent once. */
  const patiences = new Map<string, Promise<null>>();
  const going = new Set<Promise<void>>();
  function contact(clusterUuid: string): HeadContact {
    const made = contacts.get(clusterUuid) ?? approachHead(clusterUuid, { ...sources, ...calls });
    contacts.set(clusterUuid, made);
    return made;
  }
  function lostFor(clusterUuid: string): Promise<null> {
    const lost = patiences.get(clusterUuid) ?? patience();
    patiences.set(clusterUuid, lost);
    return lost;
  }
  return {
    approach: (clusterUuid) => void contact(clusterUuid),
    async approached(clusterUuid) {
      await Promise.race([contact(clusterUuid).catch(() => null), lostFor(clusterUuid)]);
    },
    offer: (job) => offerSoon(job, contact(job.clusterUuid), lostFor(job.clusterUuid)),
    async after(job, write) {
      const { isWritten, nudged } = await nudgeAfter(job, write, contact(job.clusterUuid));
      going.add(nudged);
      return isWritten;
    },
    settled: () => settledSoon(going),
  };
}

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
