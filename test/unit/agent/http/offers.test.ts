import { describe, expect, test } from "@jest/globals";
import { OFFER_PATH, type Offered } from "../../../../agent/contract/offer.js";
import type { JobItem } from "../../../../agent/contract/registry.js";
import { roleToken } from "../../../../agent/contract/tokens.js";
import { buildApp } from "../../../../agent/http/app.js";
import { createOfferJob } from "../../../../agent/system/offer-job.js";
import { appDeps } from "../../../support/agent/app-deps.js";
import { CLUSTER_UUID } from "../../../support/agent/cluster-item.js";
import { queuedJob } from "../../../support/agent/jobs.js";
import { CLUSTER_SECRET } from "../../../support/agent/tls.js";

const started = (job = queuedJob()): Offered => ({
  is: "started",
  job: { ...job, status: "INPROGRESS", phase: "launching", attempt: 1, leaseGeneration: 3 },
});

describe("a job that is submitted over HTTP", () => {
  const headers = {
    authorization: `Bearer ${roleToken(CLUSTER_SECRET, "operator")}`,
    "idempotency-key": "k",
  };
  const post = { method: "POST" as const, url: "/v1/jobs", headers, payload: { command: ["a.py"] } };

  /** An app on a node whose head answers so; `nudges`: of which jobs it passes the word on. */
  async function node(answer: (deps: ReturnType<typeof appDeps>) => Offered | Promise<Offered>) {
    const deps = appDeps();
    const nudges: (string | null)[] = [];
    const woken: string[] = [];
    const jobs = {
      ...deps.jobs,
      wake: async ({ id }: JobItem) => {
        woken.push(id);
        return null;
      },
      startNow: async () => answer(deps),
      nudge: ({ jobId }: { readonly jobId: string | null }) => void nudges.push(jobId),
    };
    return { app: await buildApp({ ...deps, jobs }), deps, nudges, woken };
  }

  test("is shown as it was started, and put by the head alone", async () => {
    const { app, deps, nudges, woken } = await node(() => started());
    const reply = await app.inject(post);
    expect([reply.statusCode, reply.json()]).toEqual([
      201,
      expect.objectContaining({ status: "INPROGRESS", phase: "launching" }),
    ]);
    expect([deps.jobsInTable.size, nudges]).toEqual([0, []]);
    // The cluster may have begun to park since its head looked.
    expect(woken).toEqual([reply.json().id]);
  });

  test("is put by the node, which nudges the head, where the head does not take it", async () => {
    const { app, nudges } = await node(() => null);
    const reply = await app.inject(post);
    expect([reply.statusCode, reply.json().status]).toEqual([201, "NEW"]);
    expect(nudges).toEqual([reply.json().id]);
  });

  test("is found where the head knows one of its key, or has taken it without saying so", async () => {
    for (const answer of [{ is: "known" } as const, null]) {
      const { app, nudges } = await node(({ jobsInTable }) => {
        const { id } = queuedJob("k");
        jobsInTable.set(id, { ...queuedJob("k", { command: ["a.py"] }), status: "INPROGRESS" });
        return answer;
      });
      const reply = await app.inject(post);
      expect([reply.statusCode, reply.json().status, nudges]).toEqual([200, "INPROGRESS", []]);
    }
  });
});

describe("POST /v1/offers", () => {
  const headers = { authorization: `Bearer ${roleToken(CLUSTER_SECRET, "peer")}` };
  const asked: string[] = [];
  const head = () =>
    buildApp({
      ...appDeps(),
      offers: {
        clusterUuid: CLUSTER_UUID,
        async startNow(job) {
          asked.push(job.id);
          return started(job);
        },
      },
    });

  test("hands a job to the head, whose answer reaches the node that asked", async () => {
    const app = await head();
    const offer = createOfferJob({
      async post(address, path, body) {
        const url = `http://${address}${path}`;
        const type = { "content-type": "application/json" };
        const { statusCode: status, body: text } = await app.inject({
          ...{ method: "POST", url, payload: body },
          headers: { ...headers, ...type },
        });
        return { status, body: text };
      },
    });
    const job = queuedJob();
    expect(await offer("10.0.0.1", job)).toEqual(started(job));
    expect(asked).toEqual([job.id]);
  });

  test.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["another cluster's", { ...queuedJob(), clusterUuid: "00000000-0000-4000-8000-000000000000" }],
    ["no job's", { ...queuedJob(), status: 7 }],
  ])("refuses a job that is %s", async (_name, job) => {
    const app = await head();
    const reply = await app.inject({ method: "POST", url: OFFER_PATH, headers, payload: { job } });
    expect([reply.statusCode, asked.length]).toEqual([400, 1]);
  });

  test.each<[string, () => Promise<{ status: number; body: string }>]>([
    ["can't be reached", async () => Promise.reject(new Error("ECONNREFUSED"))],
    ["is of another version", async () => ({ status: 404, body: "{}" })],
    ["does not answer with JSON", async () => ({ status: 200, body: "<html>" })],
  ])("is no offer to a head that %s", async (_name, answer) => {
    expect(await createOfferJob({ post: answer })("10.0.0.1", queuedJob())).toBeNull();
  });
});
