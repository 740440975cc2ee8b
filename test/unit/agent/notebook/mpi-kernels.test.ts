import { afterEach, describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import type { MpiKernelPlace } from "../../../../agent/contract/notebook-mpi.js";
import { reasonOf } from "../../../../agent/errors.js";
import { buildNotebookSocketApp } from "../../../../agent/http/notebook-socket-app.js";
import type { HoldAnswer } from "../../../../agent/notebook/cluster-hold.js";
import { createMpiKernels, type MpiKernels } from "../../../../agent/notebook/mpi-kernels.js";
import { appDeps } from "../../../support/agent/app-deps.js";
import { manualClock } from "../../../support/manual-clock.js";

const [A, B] = ["kernel-aaaa", "kernel-bbbb"];
const PLACE: MpiKernelPlace = {
  ...{ cluster: "demo", clusterUuid: "u", hostfile: "/shared/.hostfile-u", ranks: 4, idleMinutes: 30 },
  ...{ nodes: [{ address: "10.0.0.1", cores: 4 }], address: "10.0.0.9" },
};
const YES: HoldAnswer = { refused: null, isEarly: false };
const BUSY: HoldAnswer = { refused: "job j-1 runs there", isEarly: false };

let running: MpiKernels | null = null;
afterEach(async () => {
  await running?.stop();
  running = null;
});

function world() {
  const clock = manualClock();
  const state = {
    clock,
    asked: [] as string[],
    answers: [] as (HoldAnswer | Error)[],
    place: PLACE as MpiKernelPlace | null,
  };
  const make = () =>
    createMpiKernels({
      idleMinutes: 30,
      place: async () => state.place,
      async askHead({ kernel, action }) {
        state.asked.push(`${action} ${kernel}`);
        const answer = state.answers.shift() ?? YES;
        if (answer instanceof Error) throw answer;
        return answer;
      },
      clock,
      log: pino({ level: "silent" }),
    });
  return { ...state, state, make, kernels: make() };
}

/** The reason of a refusal. */
const refusal = (work: Promise<unknown>): Promise<string> => work.then(() => "none", reasonOf);
/** Lets what waits for answers go on. */
const settle = async () => {
  for (let turns = 0; turns < 20; turns += 1) await Promise.resolve();
};

describe("an MPI kernel gets the cluster", () => {
  test("once the head agrees, and again where it asks twice", async () => {
    const { kernels, asked } = world();
    expect(await kernels.take(A)).toEqual(PLACE);
    expect(await kernels.take(A)).toEqual(PLACE);
    expect(asked).toEqual([`take ${A}`]);
    expect(kernels.seen().kernels).toBe(1);
  });

  test("not while another of the notebook has it, or is about to", async () => {
    const { kernels } = world();
    const first = kernels.take(A);
    expect(await refusal(kernels.take(B))).toContain(`another MPI kernel of this notebook has it (${A})`);
    await first;
    expect(await refusal(kernels.take(B))).toContain(A);
    kernels.release(A);
    expect(await kernels.take(B)).toEqual(PLACE);
  });

  test.each<[string, (given: ReturnType<typeof world>) => void, string]>([
    ["a job runs", ({ answers }) => void answers.push(BUSY), "job j-1 runs there"],
    [
      "the head does not answer",
      ({ answers }) => void answers.push(new Error("late")),
      "does not answer (late)",
    ],
    [
      "the cluster has no nodes",
      ({ state }) => {
        state.place = null;
      },
      "it has no nodes",
    ],
  ])("not where %s", async (_case, prepare, why) => {
    const given = world();
    prepare(given);
    expect(await refusal(given.kernels.take(A))).toContain(why);
    expect(given.kernels.seen()).toEqual({ kernels: 0, releaseAt: null });
  });

  test("after a new head has heard who has it", async () => {
    const { kernels, answers, clock, asked } = world();
    answers.push({ refused: "too new", isEarly: true });
    const taken = kernels.take(A);
    await settle();
    clock.advance(2_000);
    expect(await taken).toEqual(PLACE);
    expect(asked).toHaveLength(2);
  });
});

describe("an MPI kernel that has the cluster", () => {
  test("keeps it while it works, however long, and is asked to let go after its idle time", async () => {
    const { kernels, clock } = world();
    await kernels.take(A);
    for (let minute = 0; minute < 90; minute += 0.25) {
      clock.advance(15_000);
      expect(kernels.beat(A, { working: true })).toEqual({ releaseAt: null, release: null });
    }
    expect(kernels.beat(A, { working: false }).releaseAt).toBe(
      new Date(clock.now().getTime() + 30 * 60_000).toISOString(),
    );
    for (let minute = 0; minute < 29.75; minute += 0.25) {
      clock.advance(15_000);
      expect(kernels.beat(A, { working: false }).release).toBeNull();
    }
    clock.advance(15_000);
    expect(kernels.beat(A, { working: false }).release).toContain("no cell ran for 30m");
    kernels.release(A);
    expect(kernels.seen().kernels).toBe(0);
  });

  test("loses it when it is silent, and learns why when it comes back", async () => {
    const { kernels, clock, asked } = world();
    await kernels.take(A);
    clock.advance(29_999);
    expect(kernels.seen().kernels).toBe(1);
    clock.advance(1);
    expect(kernels.seen().kernels).toBe(0);
    expect(asked).toContain(`release ${A}`);
    expect(kernels.beat(A, { working: true }).release).toContain("heard nothing of the kernel for 30 s");
    await kernels.take(B);
    expect(kernels.beat(A, { working: true }).release).not.toBeNull();
    // A person has restarted it.
    kernels.release(B);
    expect(await kernels.take(A)).toEqual(PLACE);
    expect(kernels.beat(A, { working: true }).release).toBeNull();
  });

  test("keeps it over a restart of the agent, where no other has it", async () => {
    const { make } = world();
    const next = make();
    expect(next.beat(A, { working: true })).toEqual({ releaseAt: null, release: null });
    expect(next.seen().kernels).toBe(1);
    expect(next.beat(B, { working: true }).release).toBe("another MPI kernel has the cluster");
  });

  test("says so to the head, and is asked to let go where that says no; a head that is away changes nothing", async () => {
    const { kernels, clock, answers, asked } = world();
    await kernels.take(A);
    running = kernels;
    answers.push(new Error("no head"), { refused: "an MPI kernel of notebook b has it", isEarly: false });
    kernels.start();
    await settle();
    expect(asked.at(-1)).toBe(`keep ${A}`);
    expect(kernels.beat(A, { working: true }).release).toBeNull();
    clock.advance(5_000);
    await settle();
    expect(kernels.beat(A, { working: true }).release).toBe("an MPI kernel of notebook b has it");
  });
});

describe("the notebook's socket", () => {
  async function app() {
    const given = world();
    const deps = appDeps();
    const jobs = deps.jobsInTable;
    const app = await buildNotebookSocketApp({
      ...{ ...deps, submitter: "notebook:explore", mpiKernels: given.kernels },
    });
    return { ...given, app, jobs };
  }
  const post = (url: string, payload: object, headers: Record<string, string> = {}) => ({
    ...{ method: "POST" as const, url, payload, headers },
  });

  test("gives, keeps and takes back the cluster, and refuses a second kernel with a code", async () => {
    const { app: socket } = await app();
    const taken = await socket.inject(post("/v1/notebook/mpi-kernels", { id: A }));
    expect([taken.statusCode, taken.json()]).toEqual([200, PLACE]);
    const second = await socket.inject(post("/v1/notebook/mpi-kernels", { id: B }));
    expect([second.statusCode, second.json().error.code]).toEqual([409, "mpi-kernel-refused"]);
    const beat = await socket.inject(post(`/v1/notebook/mpi-kernels/${A}`, { working: true }));
    expect(beat.json()).toEqual({ releaseAt: null, release: null });
    const gone = await socket.inject({ method: "DELETE", url: `/v1/notebook/mpi-kernels/${A}` });
    expect(gone.statusCode).toBe(204);
  });

  test.each([
    ["/v1/notebook/mpi-kernels", {}],
    ["/v1/notebook/mpi-kernels", { id: "../../etc/passwd" }],
    ["/v1/notebook/mpi-kernels", { id: A, ranks: 4 }],
    [`/v1/notebook/mpi-kernels/${A}`, { working: "yes" }],
    ["/v1/notebook/mpi-kernels/X", { working: true }],
  ])("refuses %s with %j", async (url, payload) => {
    const { app: socket } = await app();
    const reply = await socket.inject(post(url, payload));
    expect([reply.statusCode, reply.json().error.code]).toEqual([400, "request-invalid"]);
  });

  test("submits jobs as the notebook, by the rules of every other way in", async () => {
    const { app: socket, jobs } = await app();
    const request = { command: ["pi.py"], script: { name: "pi.py", content: "print(3)" } };
    const reply = await socket.inject(post("/v1/jobs", request, { "idempotency-key": "k" }));
    expect([reply.statusCode, reply.json().submittedBy]).toEqual([201, "notebook:explore"]);
    expect([...jobs.values()].map(({ submittedBy }) => submittedBy)).toEqual(["notebook:explore"]);
    const bad = await socket.inject(post("/v1/jobs", {}, { "idempotency-key": "k2" }));
    expect(bad.statusCode).toBe(400);
  });

  test("shows the cluster, and has no route of the agents' own", async () => {
    const { app: socket } = await app();
    for (const url of ["/v1/status", "/v1/activity", "/v1/events", "/readyz"])
      expect((await socket.inject(url)).statusCode).toBe(200);
    for (const url of ["/v1/peers", "/v1/launch", "/v1/notebook/homes", "/v1/notebook/hold", "/notebook/lab"])
      expect((await socket.inject(post(url, {}))).statusCode).toBe(404);
  });
});
