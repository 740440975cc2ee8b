import { describe, expect, test } from "@jest/globals";
import { type Role, roleToken } from "../../../../agent/contract/tokens.js";
import { buildApp } from "../../../../agent/http/app.js";
import { appDeps } from "../../../support/agent/app-deps.js";
import { CLUSTER_UUID } from "../../../support/agent/cluster-item.js";
import { parkWorld } from "../../../support/agent/park-world.js";
import { CLUSTER_SECRET } from "../../../support/agent/tls.js";

const as = (role: Role) => ({ authorization: `Bearer ${roleToken(CLUSTER_SECRET, role)}` });
const seen = {
  ...{ observedAt: "2026-01-01T00:59:59.000Z", idleSince: "2026-01-01T00:30:00.000Z" },
  parksAt: "2026-01-01T01:30:00.000Z",
  sources: [{ source: "ssh" as const, state: "idle" as const, lastAt: null, detail: null }],
};

async function appOf(world: ReturnType<typeof parkWorld>, isHead = true) {
  const control = world.control();
  const activity = {
    ...{ clusterUuid: CLUSTER_UUID, control, now: world.now, seen: () => (isHead ? seen : null) },
    readCluster: async () => world.cluster(),
  };
  return buildApp({ ...appDeps(), activity });
}
const keep = (payload: object, role: Role = "operator") => ({
  ...{ method: "POST" as const, url: "/v1/activity/keep-alive", payload },
  headers: as(role),
});

describe("GET /v1/activity", () => {
  test("is as the head has just seen it, with the time left", async () => {
    const app = await appOf(parkWorld({ idleTimeoutMinutes: 60 }));
    const reply = await app.inject({ url: "/v1/activity", headers: as("reader") });
    expect(reply.json()).toEqual({
      ...{ clusterStatus: "FINISHED", idleTimeoutMinutes: 60, keepAliveUntil: null, secondsLeft: 1_800 },
      ...seen,
    });
  });

  test("on another node is as the head has written it, or unknown", async () => {
    const written = await appOf(parkWorld({ activity: { ...seen, parksAt: null } }), false);
    const ask = { url: "/v1/activity", headers: as("reader") };
    expect((await written.inject(ask)).json()).toMatchObject({
      secondsLeft: null,
      idleSince: seen.idleSince,
    });
    const never = await appOf(parkWorld(), false);
    expect((await never.inject(ask)).json()).toMatchObject({
      observedAt: null,
      sources: expect.arrayContaining([expect.objectContaining({ source: "job", state: "unknown" })]),
    });
  });
});

describe("POST /v1/activity/keep-alive", () => {
  test("keeps the cluster awake, for operators", async () => {
    const world = parkWorld();
    const app = await appOf(world);
    expect((await app.inject(keep({ minutes: 60 }, "reader"))).statusCode).toBe(403);
    expect((await app.inject(keep({ minutes: 60 }))).json()).toEqual({
      keepAliveUntil: "2026-01-01T02:00:00.000Z",
    });
    expect(world.cluster().keepAliveUntil).toBe("2026-01-01T02:00:00.000Z");
  });

  test.each([{}, { minutes: 0 }, { minutes: 1_441 }, { minutes: 1.5 }, { minutes: 5, until: "x" }])(
    "refuses %j",
    async (payload) => {
      expect((await (await appOf(parkWorld())).inject(keep(payload))).statusCode).toBe(400);
    },
  );

  test("of a parked cluster, and one that is removed, is a conflict", async () => {
    const parked = await appOf(parkWorld({ clusterStatus: "PARKED", phase: "parked" }));
    expect((await parked.inject(keep({ minutes: 5 }))).json()).toMatchObject({
      error: { code: "keep-alive-parked" },
    });
    const removed = await appOf(parkWorld({ clusterStatus: "REMOVING" }));
    expect((await removed.inject(keep({ minutes: 5 }))).json()).toMatchObject({
      error: { code: "cluster-closed" },
    });
  });
});

describe("POST /v1/jobs of a parked cluster", () => {
  const submit = {
    ...{ method: "POST" as const, url: "/v1/jobs", payload: { command: ["pi.py"] } },
    headers: { ...as("operator"), "idempotency-key": "k" },
  };
  const parked = { clusterStatus: "PARKED", phase: "parked", desiredNodes: 0 } as const;

  test("wakes it after the job was put, and the head is nudged before that look", async () => {
    const steps: string[] = [];
    const deps = appDeps();
    const app = await buildApp({
      ...deps,
      jobs: {
        ...deps.jobs,
        nudge: () => void steps.push("nudge"),
        async wake(job) {
          steps.push(`wake, ${deps.jobsInTable.has(job.id) ? "put" : "not put"}`);
          return null;
        },
      },
    });
    expect((await app.inject(submit)).statusCode).toBe(201);
    expect(steps).toEqual(["nudge", "wake, put"]);
  });

  test("is refused where it is to stay parked, and puts nothing", async () => {
    const deps = appDeps();
    const world = parkWorld({ ...parked, resumeOnJob: false });
    const jobs = { ...deps.jobs, readCluster: async () => world.cluster() };
    const app = await buildApp({ ...deps, jobs });
    const reply = await app.inject(submit);
    expect([reply.statusCode, reply.json()]).toMatchObject([409, { error: { code: "refused-parked" } }]);
    expect(deps.jobsInTable.size).toBe(0);
  });
});
