import { acceptedSecrets, type ClusterSecret, sentSecret } from "./cluster-secret.js";
import { AGENT_PORT } from "./names.js";
import type { LeaseItem } from "./registry.js";
import { authorityCertificate, deriveAuthority } from "./tls/authority.js";
import { roleToken } from "./tokens.js";

/** The path of nudges from outside the cluster: `POST`, role nudge or operator, answered with 202 by any node. */
export const NUDGE_PATH = "/v1/nudge";

/** `reachMs` is short: a machine without a route to the nodes hears nothing in that time. */
const LIMITS = { reachMs: 300, nudgeMs: 700 } as const;
const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/;

/** A small request to an agent, by https; its answer is of no interest but that it is there. */
export interface AgentRequest {
  readonly url: string;
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
  /** PEM: nothing goes out before the agent has shown a certificate of one of these authorities, for its address. */
  readonly authorities: readonly string[];
}

/** Where an agent may be. */
export interface AgentPlace {
  readonly host: string;
  readonly port: number;
}

/** What a nudge needs of the world. Each call may throw: the nudge is given up then. */
export interface NudgeContact {
  readLease(clusterUuid: string): Promise<Pick<LeaseItem, "holderAddress" | "released"> | null>;
  /** With that of before, while it counts. Null: the cluster has none. */
  readSecret(clusterUuid: string): Promise<ClusterSecret | null>;
  /** Rejects unless something takes a connection there in time. Says nothing to it. */
  reach(place: AgentPlace, timeoutMs: number): Promise<void>;
  /** Rejects unless it is answered with 2xx in time. Follows no redirection. Keeps the connection for the next one, for some seconds. */
  send(request: AgentRequest): Promise<void>;
  now(): Date;
}

/** The way to a head, once it is found: sends a nudge of the job, or of no job. Rejects where there is none. */
export type HeadContact = Promise<(jobId: string | null) => Promise<void>>;

/**
 * Makes a submitter's write of a job, or another of the cluster's, and then nudges the cluster's head, so that it need not wait for its next look at the
 * queue, a second at most. The nudge is one silent try: `nudged` never rejects.
 */
export async function nudgeAfter(
  { id }: { readonly id: string | null },
  write: () => Promise<boolean>,
  reached: HeadContact,
): Promise<{ readonly isWritten: boolean; readonly nudged: Promise<void> }> {
  const isWritten = await write();
  const nudged = isWritten ? reached.then((send) => send(id)).catch(() => undefined) : Promise.resolve();
  return { isWritten, nudged };
}

/**
 * Begins to look for the way to the cluster's head: before the write, so that the nudge can follow it at once. It may reject
 * unheard. The secret is read only where the head can be reached: on a machine without a route to the nodes nothing asks for it.
 */
export function approachHead(clusterUuid: string, contact: NudgeContact): HeadContact {
  const reached = reachHead(clusterUuid, contact);
  reached.catch(() => undefined);
  return reached;
}

async function reachHead(
  clusterUuid: string,
  { readLease, readSecret, reach, send, now }: NudgeContact,
): HeadContact {
  const place = headPlace(await readLease(clusterUuid));
  if (place === null) throw new Error("there is no head");
  await reach(place, LIMITS.reachMs);
  const secret = await readSecret(clusterUuid);
  if (secret === null) throw new Error("there is no secret");
  const url = `https://${place.host}:${place.port}`;
  const authorities = acceptedSecrets(secret, now()).map((value) =>
    authorityCertificate(deriveAuthority(value, clusterUuid)),
  );
  // TLS's handshake is over, then, when there is something to say.
  await send({ url: `${url}/healthz`, method: "GET", headers: {}, authorities, timeoutMs: LIMITS.nudgeMs });
  return (jobId) =>
    send({
      ...{ url: url + NUDGE_PATH, authorities, timeoutMs: LIMITS.nudgeMs },
      ...nudgeRequest(sentSecret(secret, now()), jobId),
    });
}

/** Only an IPv4 address counts: a name in the registry is never looked up. */
function headPlace(lease: Pick<LeaseItem, "holderAddress" | "released"> | null): AgentPlace | null {
  if (lease === null || lease.released || !IPV4.test(lease.holderAddress)) return null;
  return { host: lease.holderAddress, port: AGENT_PORT };
}

/** The token allows nothing but nudges, because a client that writes the registry itself needs no more. */
const nudgeRequest = (clusterSecret: string, jobId: string | null) => ({
  method: "POST" as const,
  headers: {
    authorization: `Bearer ${roleToken(clusterSecret, "nudge")}`,
    "content-type": "application/json",
  },
  body: JSON.stringify(jobId === null ? {} : { jobId }),
});
