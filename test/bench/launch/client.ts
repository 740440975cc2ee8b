import { randomUUID } from "node:crypto";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * A client in the cluster's network. Each line of standard input is an Order, as JSON, which it fulfils before the next: it
 * submits the jobs, waits for the end of each, and prints a line with a Sent for each of them. A token must not be in argv.
 */
export interface Order {
  readonly url: string;
  readonly token: string;
  readonly request: unknown;
  /** They are submitted all at once. */
  readonly jobs: number;
}

/** A job in Unix milliseconds: just before the request went out, and when its end was seen. */
export interface Sent {
  readonly jobId: string;
  readonly sentAtMs: number;
  readonly endedAtMs: number;
}

/** The first look comes when the ranks have started: on the cluster's own machine it would slow them down. */
const LOOK_AFTER_MS = 1_000;
const LOOK_MS = 200;
/** Before each order a pause of up to this: what is polled is met at any moment of its period. */
const PAUSE_MS = 1_000;

async function submit({ url, token, request }: Order): Promise<Omit<Sent, "endedAtMs">> {
  const sentAtMs = Date.now();
  const reply = await fetch(`${url}/v1/jobs`, {
    method: "POST",
    headers: { ...headersOf(token), "idempotency-key": randomUUID() },
    body: JSON.stringify(request),
  });
  const { id } = (await reply.json()) as { readonly id?: string };
  if (id === undefined) throw new Error(`The agent refused a job: HTTP ${reply.status}.`);
  return { jobId: id, sentAtMs };
}

/** When it had ended. */
async function ended({ url, token }: Order, jobId: string): Promise<number> {
  for (;;) {
    const reply = await fetch(`${url}/v1/jobs/${jobId}`, { headers: headersOf(token) });
    const { phase } = (await reply.json()) as { readonly phase?: string };
    if (phase === "ended") return Date.now();
    await sleep(LOOK_MS);
  }
}

const headersOf = (token: string) => ({
  authorization: `Bearer ${token}`,
  "content-type": "application/json",
});

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line) as Order;
  await sleep(Math.random() * PAUSE_MS);
  const sent = await Promise.all(Array.from({ length: order.jobs }, () => submit(order)));
  await sleep(LOOK_AFTER_MS);
  for (const each of sent) {
    const job: Sent = { ...each, endedAtMs: await ended(order, each.jobId) };
    process.stdout.write(`${JSON.stringify(job)}\n`);
  }
}
