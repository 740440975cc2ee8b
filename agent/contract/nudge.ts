import { AGENT_PORT } from "./names.js";
import type { LeaseItem } from "./registry.js";
import { roleToken } from "./tokens.js";

/** The path of nudges from outside the cluster: `POST`, role nudge or operator, answered with 202 by any node. */
export const NUDGE_PATH = "/v1/nudge";

/** `reachMs` is short: a machine without a route to the nodes hears nothing in that time. */
const LIMITS = { reachMs: 300, nudgeMs: 700 } as const;
const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/;

/** A small request to an agent; its answer is of no interest but that it is there. */
export interface AgentRequest {
  readonly url: string;
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
}

/** What a nudge needs of the world. Each call may throw: the nudge is given up then. */
export interface NudgeContact {
  readLease(clusterUuid: string): Promise<Pick<LeaseItem, "holderAddress" | "released"> | null>;
  /** Null: the cluster has none. */
  readSecret(clusterUuid: string): Promise<string | null>;
  /** Rejects unless it is answered with 2xx in time. Follows no redirection. */
  send(request: AgentRequest): Promise<void>;
}

/** The way to a head, once it is found: sends a nudge of the job. Rejects where there is none. */
export type HeadContact = Promise<(jobId: string) => Promise<void>>;

/**
 * Makes a submitter's write of a job, and then nudges the cluster's head, so that it need not wait for its next look at the
 * queue, a second at most. The nudge is one silent try: `nudged` never rejects.
 */
export async function nudgeAfter(
  { id }: { readonly id: string },
  write: () => Promise<boolean>,
  reached: HeadContact,
): Promise<{ readonly isWritten: boolean; readonly nudged: Promise<void> }> {
  const isWritten = await write();
  const nudged = isWritten ? reached.then((send) => send(id)).catch(() => undefined) : Promise.resolve();
  return { isWritten, nudged };
}

/**
 * Begins to look for the way to the cluster's head: before the write, so that the nudge can follow it at once. It may reject
 * unheard. The secret is read only where the head has answered: on a machine without a route to the nodes nothing asks for it.
 */
export function approachHead(clusterUuid: string, contact: NudgeContact): HeadContact {
  const reached = reachHead(clusterUuid, contact);
  reached.catch(() => undefined);
  return reached;
}

async function reachHead(clusterUuid: string, { readLease, readSecret, send }: NudgeContact): HeadContact {
  const head = headUrl(await readLease(clusterUuid));
  if (head === null) throw new Error("there is no head");
  await send({ url: `${head}/healthz`, method: "GET", headers: {}, timeoutMs: LIMITS.reachMs });
  const secret = await readSecret(clusterUuid);
  if (secret === null) throw new Error("there is no secret");
  return (jobId) =>
    send({ url: head + NUDGE_PATH, ...nudgeRequest(secret, jobId), timeoutMs: LIMITS.nudgeMs });
}

/** Only an IPv4 address counts: a name in the registry is never looked up. */
function headUrl(lease: Pick<LeaseItem, "holderAddress" | "released"> | null): string | null {
  if (lease === null || lease.released || !IPV4.test(lease.holderAddress)) return null;
  return `http://${lease.holderAddress}:${AGENT_PORT}`;
}

/**
 * The token allows nothing but nudges: it goes without TLS to an address that the registry names, so a stranger
 * who reads it there can make the head look at its queue, and no more.
 */
const nudgeRequest = (clusterSecret: string, jobId: string) => ({
  method: "POST" as const,
  headers: {
    authorization: `Bearer ${roleToken(clusterSecret, "nudge")}`,
    "content-type": "application/json",
  },
  body: JSON.stringify({ jobId }),
});
