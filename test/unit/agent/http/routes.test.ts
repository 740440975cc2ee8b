import { describe, expect, test } from "@jest/globals";
import { StatusReply } from "../../../../agent/contract/http.js";
import { MAX_WAITING_JOBS } from "../../../../agent/contract/job-admission.js";
import { schemaProblems } from "../../../../agent/contract/problems.js";
import { roleToken } from "../../../../agent/contract/tokens.js";
import { buildApp } from "../../../../agent/http/app.js";
import { appDeps } from "../../../support/agent/app-deps.js";
import { CLUSTER_UUID, clusterItem, nodeSummary } from "../../../support/agent/cluster-item.js";
import { queuedJob } from "../../../support/agent/jobs.js";
import { statusOver } from "../../../support/agent/status.js";
import { CLUSTER_SECRET } from "../../../support/agent/tls.js";

const operator = { authorization: `Bearer ${roleToken(CLUSTER_SECRET, "operator")}` };
const request = { command: ["pi.py"], script: { name: "pi.py", content: "print(3)" } };
const post = (payload: unknown, key: string | undefined = "key-1") => ({
  method: "POST" as const,
  url: "/v1/jobs",
  headers: { ...operator, ...(key === undefined ? {} : { "idempotency-key": key }) },
  payload: payload as object,
});

const appWithStatus = (over: Parameters<typeof statusOver>[0]) =>
  buildApp(appDeps({ status: { clusterUuid: CLUSTER_UUID, read: statusOver(over).read } }));

describe("probes", () => {
  test("healthz is up as long as the agent answers", async () => {
    const app = await buildApp(appDeps({ failingProbes: () => ["shared"] }));
    expect((await app.inject("/healthz")).json()).toEqual({ up: true });
  });

  test.each([
    [[], 200, true],
    [["shared", "head"], 503, false],
  ])("readyz with failing %j answers %i", async (failing, statusCode, ready) => {
    const app = await buildApp(appDeps({ failingProbes: () => failing }));
    const reply = await app.inject("/readyz");
    expect([reply.statusCode, reply.json()]).toEqual([statusCode, { ready, failing }]);
  });
});

describe("status", () => {
  test("tells cluster, head, nodes, cores and jobs", async () => {
    const meta = clusterItem({ clusterStatus: "FINISHED", phase: "ready", cores: 2 });
    const readQueue = async () => [queuedJob("a")];
    const app = await appWithStatus({ meta, nodes: [nodeSummary("i-a")], readQueue });
    const reply = await app.inject({ url: "/v1/status", headers: operator });

    expect(reply.headers["content-type"]).toContain("application/json");
    expect([...schemaProblems(StatusReply, reply.json())]).toEqual([]);
    expect(reply.json()).toEqual({
      cluster: {
        uuid: CLUSTER_UUID,
        name: "demo",
        clusterStatus: "FINISHED",
        phase: "ready",
        reasonCode: null,
        reason: null,
      },
      node: { id: "i-a", address: "10.0.0.1", isHead: true },
      from: "head",
      ageMs: expect.any(Number),
      head: { id: "i-a", address: "10.0.0.1" },
      leaseGeneration: 3,
      nodes: [nodeSummary("i-a")],
      hostfile: `/shared/.hostfile-${CLUSTER_UUID}`,
      cores: 2,
      jobs: { running: null, queued: 1, unreadable: [] },
    });
  });

  test("fails with a code when the cluster or the registry is gone", async () => {
    const answer = async (readCluster: () => Promise<null>) => {
      const app = await appWithStatus({ isHead: false, readCluster });
      const reply = await app.inject({ url: "/v1/status", headers: operator });
      return [reply.statusCode, reply.json().error.code];
    };
    expect(await answer(async () => null)).toEqual([404, "not-found"]);
    const timeout = Object.assign(new Error("late"), { name: "TimeoutError" });
    expect(await answer(() => Promise.reject(timeout))).toEqual([503, "registry-unavailable"]);
    expect(await answer(() => Promise.reject(new Error("a bug")))).toEqual([500, "internal"]);
  });
});

describe("the list of jobs", () => {
  async function listed(query: string) {
    const deps = appDeps();
    const jobs = [1, 2, 3].map((n) => queuedJob(`k${n}`, {}, `2026-01-01T00:00:0${n}Z`));
    for (const job of jobs) deps.jobsInTable.set(job.id, job);
    const [first] = jobs;
    if (first !== undefined)
      deps.jobsInTable.set(first.id, { ...first, status: "FAILED", endedAt: "2026-01-01T00:00:09Z" });
    const app = await buildApp(deps);
    const reply = await app.inject({ url: `/v1/jobs${query}`, headers: operator });
    return { reply, ids: jobs.map(({ id }) => id) };
  }

  test("has the latest first, without what they run", async () => {
    const { reply, ids } = await listed("");
    const { jobs, isWhole } = reply.json();
    expect(jobs.map(({ id }: { id: string }) => id)).toEqual([...ids].reverse());
    expect(isWhole).toBe(true);
    expect(Object.keys(jobs[0])).toEqual(
      expect.arrayContaining(["status", "submittedBy", "slot", "retryAt"]),
    );
    expect(jobs[0]).not.toHaveProperty("request");
  });

  test("is filtered and cut, and says so", async () => {
    const { reply, ids } = await listed("?limit=1&status=NEW");
    expect(reply.json()).toMatchObject({ jobs: [{ id: ids[2] }], isWhole: false });
    const failed = await listed("?status=FAILED");
    expect(failed.reply.json()).toMatchObject({ jobs: [{ id: ids[0] }], isWhole: true });
  });

  test.each([
    ["?limit=0", "from 1 to 200"],
    ["?limit=201", "from 1 to 200"],
    ["?limit=1&limit=2", "querystring.limit: got a list of 2"],
    ["?status=DONE", 'querystring.status: got "DONE"; expected NEW'],
    ["?state=NEW", "querystring.state: is no parameter"],
  ])("fails with %s", async (query, message) => {
    const { reply } = await listed(query);
    expect([reply.statusCode, reply.json().error.code]).toEqual([400, "request-invalid"]);
    expect(reply.json().error.message).toContain(message);
  });

  test("a job's attempts are read once for all who ask within a moment", async () => {
    const deps = appDeps();
    const job = queuedJob();
    const reads: string[] = [];
    const app = await buildApp({
      ...deps,
      jobs: {
        ...deps.jobs,
        async readJob(id) {
          reads.push(`job ${id}`);
          return job;
        },
        view: {
          ...deps.jobs.view,
          async attempts(id) {
            reads.push(`attempts ${id}`);
            return [];
          },
        },
      },
    });
    const ask = () => app.inject({ url: `/v1/jobs/${job.id}/attempts`, headers: operator });
    const replies = await Promise.all(Array.from({ length: 50 }, ask));
    expect(new Set(replies.map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
    expect(reads).toEqual([`job ${job.id}`, `attempts ${job.id}`]);
  });

  test("a job's attempts, and those of none", async () => {
    const deps = appDeps();
    const job = queuedJob();
    deps.jobsInTable.set(job.id, job);
    const app = await buildApp(deps);
    const attempts = async (id: string) => app.inject({ url: `/v1/jobs/${id}/attempts`, headers: operator });
    expect((await attempts(job.id)).json()).toEqual({ attempts: [] });
    expect((await attempts("job-0")).json().error.code).toBe("job-not-found");
  });
});

describe("submit", () => {
  test("a new job is 201 and wakes the runner, the same again is 200 with the same job and wakes nobody", async () => {
    let wakes = 0;
    const deps = appDeps();
    const app = await buildApp({
      ...deps,
      jobs: {
        ...deps.jobs,
        nudge: () => {
          wakes += 1;
        },
      },
    });
    const first = await app.inject(post(request));
    const second = await app.inject(post({ script: request.script, command: request.command }));

    expect([first.statusCode, second.statusCode]).toEqual([201, 200]);
    expect(first.json()).toMatchObject({ status: "NEW", phase: "queued", request });
    expect(first.json().phaseTimes).toEqual({ queued: "2026-01-01T00:00:00.000Z" });
    expect(second.json()).toEqual(first.json());
    expect(wakes).toBe(1);
    const read = await app.inject({ url: `/v1/jobs/${first.json().id}`, headers: operator });
    expect(read.json()).toEqual(first.json());
  });

  test("another request under the same key is a conflict", async () => {
    const app = await buildApp(appDeps());
    await app.inject(post(request));
    const reply = await app.inject(post({ command: ["other.py"] }));
    expect([reply.statusCode, reply.json().error.code]).toEqual([409, "idempotency-conflict"]);
  });

  test("a command is a list, or a text that is split before it is kept and compared", async () => {
    const app = await buildApp(appDeps());
    const first = await app.inject(post({ command: "ex.py '1 2'", setup: { command: "/bin/sh -c 'true'" } }));
    expect(first.json().request).toEqual({
      command: ["ex.py", "1 2"],
      setup: { command: ["/bin/sh", "-c", "true"] },
    });
    const setup = { command: ["/bin/sh", "-c", "true"] };
    const again = await app.inject(post({ command: ["ex.py", "1 2"], setup }));
    expect([again.statusCode, again.json().id]).toEqual([200, first.json().id]);
  });

  test("all problems of commands and of the rest come at once", async () => {
    const app = await buildApp(appDeps());
    const body = {
      command: "ex.py '1",
      setup: { command: "" },
      retries: { count: 1, on: ["rain"] },
      processes: 0,
    };
    const reply = await app.inject(post(body, "definition:x:1"));
    expect(reply.statusCode).toBe(400);
    for (const part of [
      "idempotency-key: it can't begin",
      "command: ",
      "setup.command: ",
      "retries.on.0",
      "processes: ",
    ])
      expect(reply.json().error.message).toContain(part);
  });

  test("who submitted it is the token's role, and is no part of the request", async () => {
    const app = await buildApp(appDeps());
    const reply = await app.inject(post(request));
    expect(reply.json()).toMatchObject({ submittedBy: "token:operator" });
    expect(reply.json().request).toEqual(request);
  });

  test("a job that does not wait is refused where another is, and leaves nothing", async () => {
    const deps = appDeps();
    const app = await buildApp(deps);
    await app.inject(post(request));
    const reply = await app.inject(post({ ...request, ifBusy: "refuse" }, "key-2"));
    expect([reply.statusCode, reply.json().error.code]).toEqual([409, "refused-busy"]);
    expect(deps.jobsInTable.size).toBe(1);
  });

  test("a job more than may wait is refused", async () => {
    const deps = appDeps();
    for (let n = 0; n < MAX_WAITING_JOBS; n += 1) {
      const job = queuedJob(`k${n}`);
      deps.jobsInTable.set(job.id, job);
    }
    const reply = await (await buildApp(deps)).inject(post(request));
    expect([reply.statusCode, reply.json().error.code]).toEqual([429, "refused-queue-full"]);
  });

  test("a hundred at once under one key make one job", async () => {
    const deps = appDeps();
    const app = await buildApp(deps);
    const replies = await Promise.all(Array.from({ length: 100 }, () => app.inject(post(request))));
    expect(replies.filter(({ statusCode }) => statusCode === 201)).toHaveLength(1);
    expect(new Set(replies.map((reply) => reply.json().id)).size).toBe(1);
    expect(deps.jobsInTable.size).toBe(1);
  });

  test.each([
    ["no key", request, "", 400, "request-invalid"],
    ["a key that is too long", request, "k".repeat(201), 400, "request-invalid"],
    ["no command", {}, "k", 400, "request-invalid"],
    ["an unknown field", { ...request, nodes: 3 }, "k", 400, "request-invalid"],
    ["a number as text", { ...request, processes: "4" }, "k", 400, "request-invalid"],
    [
      "a path as script name",
      { ...request, script: { name: "../x.py", content: "" } },
      "k",
      400,
      "request-invalid",
    ],
    [
      "a script that is too big for the registry",
      { command: ["x.py"], script: { name: "x.py", content: "ä".repeat(199_000) } },
      "k",
      413,
      "body-too-large",
    ],
    ["a body beyond the limit", { ...request, pad: "x".repeat(1_100_000) }, "k", 413, "body-too-large"],
  ])("fails with %s", async (_name, payload, key, statusCode, code) => {
    const app = await buildApp(appDeps());
    const reply = await app.inject(post(payload, key));
    expect([reply.statusCode, reply.json().error.code]).toEqual([statusCode, code]);
    expect(reply.body).not.toContain("node_modules");
  });

  test.each<[string, string, string]>([
    ["a variable without a name", '{"command":["x"],"environment":{"":"x"}}', 'environment.""'],
    [
      "a variable that is every object's member",
      '{"command":["x"],"environment":{"__proto__":"x"}}',
      "environment.__proto__",
    ],
    [
      "more values than any request has",
      `{"command":[${"1,".repeat(5_000)}1]}`,
      "more than 5000 values, at byte",
    ],
    ["more levels than any request has", `{"command":${"[".repeat(20)}`, "deeper than 16 levels, at byte 26"],
    ["what is no JSON", "{", "the body is not JSON"],
    [
      "brackets in a text, which count for nothing",
      `["${"[,".repeat(9_000)}\\"["]`,
      "request: got a list of 1",
    ],
  ])("fails with %s, and says where", async (_name, payload, where) => {
    const app = await buildApp(appDeps());
    const { headers, ...rest } = post(payload);
    const reply = await app.inject({ ...rest, headers: { ...headers, "content-type": "application/json" } });
    expect([reply.statusCode, reply.json().error.code]).toEqual([400, "request-invalid"]);
    expect(reply.json().error.message).toContain(where);
  });

  test("fails with what is no UTF-8", async () => {
    const app = await buildApp(appDeps());
    const { headers, ...rest } = post({});
    const payload = Buffer.from('{"command":["\xe9"]}', "latin1");
    const reply = await app.inject({
      ...rest,
      headers: { ...headers, "content-type": "application/json" },
      payload,
    });
    expect([reply.statusCode, reply.json().error.message]).toEqual([
      400,
      expect.stringContaining("not UTF-8"),
    ]);
  });

  test("names every problem at once", async () => {
    const app = await buildApp(appDeps());
    const reply = await app.inject(post({ command: [], processes: 0, timeoutSeconds: -1 }));
    const { message } = reply.json().error;
    for (const field of ["command", "processes", "timeoutSeconds"]) expect(message).toContain(field);
  });

  test.each(["REMOVING", "REMOVED"] as const)("fails when the cluster is %s", async (clusterStatus) => {
    const deps = appDeps();
    const readCluster = async () => clusterItem({ clusterStatus });
    const app = await buildApp({ ...deps, jobs: { ...deps.jobs, readCluster } });
    const reply = await app.inject(post(request));
    expect([reply.statusCode, reply.json().error.code]).toEqual([409, "cluster-closed"]);
    expect(deps.jobsInTable.size).toBe(0);
  });

  test("gives the key's job also when the cluster takes none any more", async () => {
    const deps = appDeps();
    const first = await (await buildApp(deps)).inject(post(request));
    const readCluster = async () => clusterItem({ clusterStatus: "REMOVING" });
    const closed = await buildApp({ ...deps, jobs: { ...deps.jobs, readCluster } });
    const again = await closed.inject(post(request));
    expect([again.statusCode, again.json().id]).toEqual([200, first.json().id]);
  });

  test("reads before a new job's write only the cluster and the queue, both at once", async () => {
    const deps = appDeps();
    const calls: string[] = [];
    const { submissions } = deps.jobs;
    const noting =
      <G extends readonly unknown[], T>(name: string, call: (...given: G) => Promise<T>) =>
      async (...given: G): Promise<T> => {
        calls.push(`${name} begins`);
        const result = await call(...given);
        calls.push(`${name} ends`);
        return result;
      };
    const app = await buildApp({
      ...deps,
      jobs: {
        ...deps.jobs,
        readJob: noting("job", deps.jobs.readJob),
        readCluster: noting("cluster", deps.jobs.readCluster),
        submissions: {
          ...submissions,
          queue: noting("queue", submissions.queue),
          submit: noting("put", submissions.submit),
        },
      },
    });
    expect((await app.inject(post(request))).statusCode).toBe(201);
    expect(calls.slice(0, 2).sort()).toEqual(["cluster begins", "queue begins"]);
    expect(calls.slice(2, 4).sort()).toEqual(["cluster ends", "queue ends"]);
    expect(calls.slice(4)).toEqual(["put begins", "put ends"]);
  });
});

describe("nudge", () => {
  const nudging = async (payload: object, role: "nudge" | "operator" = "nudge") => {
    const nudges: unknown[] = [];
    const deps = appDeps();
    const nudge = (given: unknown) => void nudges.push(given);
    const app = await buildApp({ ...deps, jobs: { ...deps.jobs, nudge } });
    const headers = { authorization: `Bearer ${roleToken(CLUSTER_SECRET, role)}` };
    const reply = await app.inject({ method: "POST", url: "/v1/nudge", headers, payload });
    return { status: reply.statusCode, body: reply.body, nudges };
  };

  test.each([[{ jobId: "job-1" }, "job-1"] as const, [{}, null] as const])(
    "%j is passed on, and says nothing of jobs or heads",
    async (payload, jobId) => {
      expect(await nudging(payload)).toEqual({ status: 202, body: "{}", nudges: [{ jobId }] });
      expect((await nudging(payload, "operator")).status).toBe(202);
    },
  );

  test.each([
    ["an id that is none", { jobId: "../x" }],
    ["a queue entry of its own", { queued: { id: "job-1", status: "NEW" } }],
    ["no object", []],
  ])("fails with %s", async (_name, payload) => {
    expect(await nudging(payload)).toMatchObject({ status: 400, nudges: [] });
  });

  test("comes with a cancel too", async () => {
    const nudges: unknown[] = [];
    const deps = appDeps();
    const job = queuedJob();
    deps.jobsInTable.set(job.id, job);
    const nudge = (given: unknown) => void nudges.push(given);
    const app = await buildApp({ ...deps, jobs: { ...deps.jobs, nudge } });
    await app.inject({ method: "POST", url: `/v1/jobs/${job.id}/cancel`, headers: operator });
    expect(nudges).toEqual([{ jobId: job.id }]);
  });
});

test("a path that is none is refused like anything else", async () => {
  const app = await buildApp(appDeps());
  const reply = await app.inject({ url: "/v1/jobs/%zz", headers: operator });
  expect([reply.statusCode, reply.json().error.code]).toEqual([400, "request-invalid"]);
});

test("an item of the registry that is no job is told as one, with what it is", async () => {
  const deps = appDeps();
  const app = await buildApp(deps);
  const { id } = (await app.inject(post(request))).json();
  for (const spoilt of [{ request: { command: 5 } }, { lastLines: "x" }, { status: 5 }]) {
    deps.jobsInTable.set(id, { ...queuedJob("key-1"), ...spoilt } as never);
    const replies = [
      await app.inject({ url: `/v1/jobs/${id}`, headers: operator }),
      await app.inject(post(request)),
    ];
    for (const reply of replies) {
      expect([reply.statusCode, reply.json().error.code]).toEqual([409, "job-unreadable"]);
    }
  }
});

test("status names what can't be read in the queue, and counts the others", async () => {
  const unreadable = { key: "JOB#x", problem: "id: missing" };
  const app = await appWithStatus({ readQueue: async () => [unreadable, queuedJob("a")] });
  const reply = await app.inject({ url: "/v1/status", headers: operator });
  expect(reply.json().jobs).toEqual({ running: null, queued: 1, unreadable: [unreadable] });
});

describe("cancel", () => {
  const cancel = (id: string) => ({
    method: "POST" as const,
    url: `/v1/jobs/${id}/cancel`,
    headers: operator,
  });

  test("ends a queued job at once, and an ended one stays as it is", async () => {
    const app = await buildApp(appDeps());
    const { id } = (await app.inject(post(request))).json();
    const reply = await app.inject(cancel(id));
    expect(reply.statusCode).toBe(200);
    expect(reply.json()).toMatchObject({ status: "CANCELLED", phase: "ended" });
    expect((await app.inject(cancel(id))).json()).toEqual(reply.json());
  });

  test("asks the head to end a running one", async () => {
    const deps = appDeps();
    const app = await buildApp(deps);
    const { id } = (await app.inject(post(request))).json();
    const job = deps.jobsInTable.get(id);
    if (job) deps.jobsInTable.set(id, { ...job, status: "INPROGRESS" });
    const reply = await app.inject(cancel(id));
    expect([reply.statusCode, reply.json().status]).toEqual([202, "INPROGRESS"]);
    expect(deps.jobsInTable.get(id)?.cancelRequested).toBe(true);
  });

  test("fails for a job that is not there", async () => {
    const app = await buildApp(appDeps());
    const reply = await app.inject(cancel("job-none"));
    expect([reply.statusCode, reply.json().error.code]).toEqual([404, "job-not-found"]);
  });
});
