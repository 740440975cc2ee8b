import { acceptedSecrets, type ClusterSecret, sentSecret } from "./cluster-secret.js";
import { AGENT_PORT } from "./names.js";
import { OFFER_PATH, type Offered, offeredIn } from "./offer.js";
import type { JobItem, LeaseItem } from "./registry.js";
import { authorityCertificate, deriveAuthority } from "./tls/authority.js";
import { type Role, roleToken } from "./tokens.js";

/** The path of nudges from outside the cluster: `POST`, role nudge or operator, answered with 202 by any node. */
export const NUDGE_PATH = "/v1/nudge";

/** `reachMs` is short: a machine without a route to the nodes hears nothing in that time. */
const LIMITS = { reachMs: 300, nudgeMs: 700, offerMs: 2_000, patienceMs: 150 } as const;
const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/;

/** A request to an agent, by https. */
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
  /**
   * Gives the answer's body, of which it reads 1 MiB at most. Rejects unless it is answered with 2xx in time. Follows no redirection. Keeps
   * the connection for the next one, for some seconds.
   */
  send(request: AgentRequest): Promise<string>;
  now(): Date;
}

/** The way to a head. */
interface HeadWay {
  /** Sends a nudge of the job, or of no job. */
  nudge(jobId: string | null): Promise<void>;
  /** Offers it a new job, which is not in the registry yet. Null where it gives no answer, too: it may be there then. Never rejects. */
  offer(job: JobItem): Promise<Offered>;
}

/** The way to a head, once it is found. Rejects where there is none. */
export type HeadContact = Promise<HeadWay>;

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
  const nudged = isWritten
    ? reached.then(({ nudge }) => nudge(id)).catch(() => undefined)
    : Promise.resolve();
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
  const post = (path: string, role: Role, body: object, timeoutMs: number) =>
    send({
      ...{ url: url + path, authorities, timeoutMs, method: "POST", body: JSON.stringify(body) },
      headers: {
        authorization: `Bearer ${roleToken(sentSecret(secret, now()), role)}`,
        "content-type": "application/json",
      },
    });
  // Each token allows nothing but this: a client that writes the registry itself needs no more.
  return {
    nudge: async (jobId) =>
      void (await post(NUDGE_PATH, "nudge", jobId === null ? {} : { jobId }, LIMITS.nudgeMs)),
    offer: (job) => post(OFFER_PATH, "submitter", { job }, LIMITS.offerMs).then(offeredIn, () => null),
  };
}

/** How long a submitter waits for the way to the head: resolves with null when that time is over. */
export const patience = (): Promise<null> =>
  new Promise((resolve) => setTimeout(resolve, LIMITS.patienceMs, null).unref());

/**
 * Offers the head a new job, if the way to it is found before the patience is at its end: then its launch waits for one write of the
 * head's, where a submitter's own write would be followed by two of the registry's answers. Null: it is to be submitted as ever. Never
 * rejects.
 */
export async function offerSoon(
  job: JobItem,
  reached: HeadContact,
  lost: Promise<null> = patience(),
): Promise<Offered> {
  const way = await Promise.race([reached.catch(() => null), lost]);
  return way === null ? null : way.offer(job);
}

/** Only an IPv4 address counts: a name in the registry is never looked up. */
function headPlace(lease: Pick<LeaseItem, "holderAddress" | "released"> | null): AgentPlace | null {
  if (lease === null || lease.released || !IPV4.test(lease.holderAddress)) return null;
  return { host: lease.holderAddress, port: AGENT_PORT };
}
