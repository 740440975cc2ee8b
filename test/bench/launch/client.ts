import { randomUUID } from "node:crypto";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * A client in the cluster's network: submits jobs to one agent, one after the other or all at once, and prints a JSON line for
 * each. Standard input is an Order: a token must not be in argv.
 */
export interface Order {
  readonly url: string;
  readonly token: string;
  readonly request: unknown;
  readonly jobs: number;
  /** All at once, instead of each after the end of the one before. */
  readonly atOnce: boolean;
}

/** Unix milliseconds: just before the request went out, and when the answer was there. */
export interface Sent {
  readonly jobId: string;
  readonly sentAtMs: number;
  readonly repliedAtMs: number;
}

const LOOK_MS = 100;
/** Before each job a pause of up to this: what is polled is met at any moment of its period. */
const PAUSE_MS = 1_500;

const { url, token, request, jobs, atOnce } = JSON.parse(await text(process.stdin)) as Order;
const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };

async function submit(): Promise<Sent> {
  const sentAtMs = Date.now();
  const reply = await fetch(`${url}/v1/jobs`, {
    method: "POST",
    headers: { ...headers, "idempotency-key": randomUUID() },
    body: JSON.stringify(request),
  });
  const { id } = (await reply.json()) as { readonly id?: string };
  if (id === undefined) throw new Error(`The agent refused a job: HTTP ${reply.status}.`);
  return { jobId: id, sentAtMs, repliedAtMs: Date.now() };
}

async function ended(jobId: string): Promise<void> {
  for (;;) {
    const reply = await fetch(`${url}/v1/jobs/${jobId}`, { headers });
    const { phase } = (await reply.json()) as { readonly phase?: string };
    if (phase === "ended") return;
    await sleep(LOOK_MS);
  }
}

const print = (sent: Sent): void => void process.stdout.write(`${JSON.stringify(sent)}\n`);

if (atOnce) for (const sent of await Promise.all(Array.from({ length: jobs }, submit))) print(sent);
else {
  for (let job = 0; job < jobs; job++) {
    await sleep(Math.random() * PAUSE_MS);
    const sent = await submit();
    await ended(sent.jobId);
    print(sent);
  }
}
