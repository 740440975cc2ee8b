import { beforeEach, describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import { createJobEnvironments } from "../../../../agent/environments/environments.js";
import { environmentFailure, type SetupEnd } from "../../../../agent/environments/failures.js";
import { createPrepareNode } from "../../../../agent/environments/node.js";
import type { Preparation } from "../../../../agent/environments/ports.js";
import { HostUnreachableError } from "../../../../agent/jobs/job-hosts.js";
import type { JobEnvironments, PreparationFailure } from "../../../../agent/jobs/ports.js";
import { fastClock } from "../../../support/agent/fast-clock.js";
import { queuedJob, SETTINGS } from "../../../support/agent/jobs.js";

const NEVER = new AbortController().signal;
const HOSTS = [{ address: "10.0.0.1" }, { address: "10.0.0.2" }, { address: "10.0.0.3" }];
const SOURCE = { shared: { path: "/shared/app" } };
const log = pino({ level: "silent" });
const never = (signal: AbortSignal) =>
  new Promise<never>((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

describe("a head's environments", () => {
  let texts: Map<string, string>;
  let installs: string[];
  let discarded: string[];
  let asked: { address: string; plan: Preparation; timeoutMs: number }[];
  let answers: Map<string, (signal: AbortSignal) => Promise<PreparationFailure | null>>;
  let environments: JobEnvironments;
  let install: (signal: AbortSignal) => Promise<null | { status: number; text: string }>;
  beforeEach(() => {
    texts = new Map([["/shared/app/requirements.txt", "numpy\n"]]);
    [installs, discarded, asked, answers] = [[], [], [], new Map()];
    install = async () => null;
    environments = createJobEnvironments({
      files: {
        read: async (path) => texts.get(path) ?? null,
        digest: async () => "digest",
        async install(key, place, signal) {
          installs.push(`${key} ${place.folder}/${place.file}`);
          return install(signal);
        },
        bring: async () => {},
        async discard(key) {
          discarded.push(key);
        },
        clean: async () => {},
      },
      image: async () => "image",
      async ask(address, body, timeoutMs, signal) {
        asked.push({ address, plan: JSON.parse(body.toString()) as Preparation, timeoutMs });
        return answers.get(address)?.(signal) ?? null;
      },
      clock: fastClock(),
      root: "/environments",
      user: SETTINGS.user,
      roleVariables: { AWS_REGION: "us-east-1" },
    });
  });
  const job = queuedJob("k", { source: SOURCE, requirements: "requirements.txt" });

  test("cost a job without requirements and set-up nothing", async () => {
    const plain = queuedJob("plain");
    expect(await environments.install(plain, NEVER)).toBeNull();
    expect(environments.folderOf(plain)).toBeNull();
    expect(await environments.prepare(plain, 1, HOSTS, NEVER)).toBeNull();
    expect([installs, asked]).toEqual([[], []]);
  });

  test("are installed by their key, and brought to each host", async () => {
    expect(await environments.install(job, NEVER)).toBeNull();
    const [key = ""] = installs[0]?.split(" ") ?? [];
    expect(installs).toEqual([`${key} /shared/app/requirements.txt`]);
    expect(environments.folderOf(job)).toBe(`/environments/${key}`);
    expect(await environments.prepare(job, 2, HOSTS, NEVER)).toBeNull();
    expect(asked.map(({ address }) => address).sort()).toEqual(HOSTS.map(({ address }) => address));
    expect(asked[0]).toEqual({
      address: "10.0.0.1",
      plan: { jobId: job.id, attempt: 2, environment: key, setup: null },
      timeoutMs: 630_000,
    });
  });

  test("of the same contents have the same key, whichever job has them", async () => {
    await environments.install(job, NEVER);
    await environments.install(
      queuedJob("other", { source: SOURCE, requirements: "requirements.txt" }),
      NEVER,
    );
    texts.set("/shared/app/requirements.txt", "numpy==2\n");
    await environments.install(job, NEVER);
    expect(installs[0]).toBe(installs[1]);
    expect(installs[2]).not.toBe(installs[0]);
  });

  test("of another job, or of none, are not this one's", async () => {
    expect(() => environments.folderOf(job)).toThrow("not installed");
    await environments.install(job, NEVER);
    const other = queuedJob("other", { source: SOURCE, requirements: "requirements.txt" });
    expect(() => environments.folderOf(other)).toThrow("not installed");
  });

  test.each<[string, () => void, string, RegExp]>([
    ["has no such file", () => texts.clear(), "requirements-failed", /has no file requirements\.txt/],
    [
      "can't be installed",
      () => {
        install = async () => ({ status: 1, text: "error: no\n" });
      },
      "requirements-failed",
      /^requirements\.txt can't be installed: error: no$/,
    ],
    [
      "can't be stored",
      () => {
        install = () => Promise.reject(new Error("tar: No space left on device"));
      },
      "environment-failed",
      /^requirements\.txt is not installed: tar: No space left/,
    ],
  ])("of a job whose source %s fail with a reason", async (_name, spoil, reasonCode, reason) => {
    spoil();
    expect(await environments.install(job, NEVER)).toMatchObject({
      reasonCode,
      reason: expect.stringMatching(reason),
    });
    expect(() => environments.folderOf(job)).toThrow("not installed");
  });

  test("that are cut short reject", async () => {
    install = never;
    const ending = new AbortController();
    const installing = environments.install(job, ending.signal);
    ending.abort(new Error("cancelled"));
    await expect(installing).rejects.toThrow("cancelled");
    answers.set("10.0.0.2", never);
    const setup = queuedJob("s", { setup: { command: ["true"] } });
    const again = new AbortController();
    const preparing = environments.prepare(setup, 1, HOSTS, again.signal);
    again.abort(new Error("cancelled"));
    await expect(preparing).rejects.toThrow("cancelled");
  });

  test("have a set-up with the ranks' variables, in the working folder, on every host at once", async () => {
    const setup = queuedJob("s", {
      source: SOURCE,
      workingFolder: "run",
      environment: { PATH: "/mine", COLOUR: "green" },
      setup: { command: ["./fetch", "a b"] },
    });
    expect(await environments.prepare(setup, 1, HOSTS, NEVER)).toBeNull();
    expect(asked).toHaveLength(3);
    expect(asked[0]?.timeoutMs).toBe(1_230_000);
    expect(asked[0]?.plan).toMatchObject({
      environment: null,
      setup: {
        command: ["./fetch", "a b"],
        timeoutSeconds: 600,
        folder: "/shared/app/run",
        variables: {
          PATH: "/mine",
          COLOUR: "green",
          PWD: "/shared/app/run",
          MUSTER_JOB_ID: setup.id,
          AWS_REGION: "us-east-1",
          HOME: "/home/muster",
        },
      },
    });
  });

  test("that fail on one host end the work on the others, and name the first", async () => {
    const failure = {
      reasonCode: "setup-failed" as const,
      reason: "set-up on 10.0.0.2 exited with code 1",
      lines: ["no"],
    };
    let ended = 0;
    answers.set("10.0.0.1", (signal) =>
      never(signal).finally(() => {
        ended += 1;
      }),
    );
    answers.set("10.0.0.2", async () => failure);
    answers.set("10.0.0.3", (signal) =>
      never(signal).finally(() => {
        ended += 1;
      }),
    );
    const setup = queuedJob("s", { setup: { command: ["true"] } });
    expect(await environments.prepare(setup, 1, HOSTS, NEVER)).toEqual(failure);
    expect(ended).toBe(2);
    expect(discarded).toEqual([]);
  });

  test("are asked for again where a node's agent is restarted meanwhile", async () => {
    let tries = 0;
    answers.set("10.0.0.2", async () => {
      tries += 1;
      if (tries < 4) throw new HostUnreachableError("socket hang up", tries > 1);
      return null;
    });
    const setup = queuedJob("s", { setup: { command: ["true"] } });
    expect(await environments.prepare(setup, 1, HOSTS, NEVER)).toBeNull();
    expect(tries).toBe(4);
  });

  test("fail where a node's agent does not come back", async () => {
    answers.set("10.0.0.2", () => Promise.reject(new HostUnreachableError("connect ECONNREFUSED", true)));
    const setup = queuedJob("s", { setup: { command: ["true"] } });
    expect(await environments.prepare(setup, 1, HOSTS, NEVER)).toEqual(
      environmentFailure("10.0.0.2 did not get ready: connect ECONNREFUSED", "10.0.0.2"),
    );
    expect(asked.filter(({ address }) => address === "10.0.0.2").length).toBeGreaterThan(10);
  });

  test("that a host can't get, or that does not answer, are installed again by the next attempt", async () => {
    await environments.install(job, NEVER);
    answers.set("10.0.0.3", () => Promise.reject(new Error("no connection in 5 s")));
    expect(await environments.prepare(job, 1, HOSTS, NEVER)).toEqual(
      environmentFailure("10.0.0.3 did not get ready: no connection in 5 s", "10.0.0.3"),
    );
    expect(discarded).toEqual([installs[0]?.split(" ")[0]]);
  });
});

describe("a node's part", () => {
  let brought: string[];
  let ran: string[];
  let done: Set<string>;
  let bring: (signal: AbortSignal) => Promise<void>;
  let run: (signal: AbortSignal) => Promise<SetupEnd>;
  let ends: number;
  beforeEach(() => {
    [brought, ran, done, ends] = [[], [], new Set(), 0];
    bring = async () => {};
    run = async () => ({ end: "exited", exitCode: 0, text: "" });
  });
  const prepareNode = () =>
    createPrepareNode({
      files: {
        async bring(key, signal) {
          brought.push(key);
          await bring(signal);
        },
      },
      setups: {
        isDone: async (jobId) => done.has(jobId),
        note: async (jobId) => void done.add(jobId),
        async run({ jobId, attempt }, signal) {
          ran.push(`${jobId} ${attempt}`);
          return run(signal);
        },
      },
      address: "10.0.0.2",
      onSetupEnd: () => {
        ends += 1;
      },
      log,
    });
  const setup = { command: ["true"], timeoutSeconds: 60, folder: "/shared", variables: {} };
  const plan = (change: Partial<Preparation> = {}): Preparation => ({
    jobId: "j",
    attempt: 1,
    environment: "key",
    setup,
    ...change,
  });

  test("is to bring the environment, then to run the set-up, before the first attempt here alone", async () => {
    const prepare = prepareNode();
    expect(await prepare(plan(), NEVER)).toBeNull();
    expect(await prepare(plan({ attempt: 2 }), NEVER)).toBeNull();
    expect(await prepare(plan({ jobId: "other" }), NEVER)).toBeNull();
    expect(brought).toEqual(["key", "key", "key"]);
    expect(ran).toEqual(["j 1", "other 1"]);
    expect(ends).toBe(2);
  });

  test("runs a set-up that failed again, and one that two heads ask for once", async () => {
    const prepare = prepareNode();
    run = async () => ({ end: "exited", exitCode: 4, text: "no\n" });
    expect(await prepare(plan(), NEVER)).toMatchObject({ reasonCode: "setup-failed", lines: ["no"] });
    run = async () => ({ end: "exited", exitCode: 0, text: "" });
    await Promise.all([prepare(plan({ attempt: 2 }), NEVER), prepare(plan({ attempt: 2 }), NEVER)]);
    expect(ran).toEqual(["j 1", "j 2"]);
  });

  test("says which node can't get the environment, and runs no set-up then", async () => {
    bring = () => Promise.reject(new Error("tar: No space left on device"));
    expect(await prepareNode()(plan(), NEVER)).toMatchObject({
      reasonCode: "environment-failed",
      reason: "10.0.0.2 can't get the job's environment: tar: No space left on device",
    });
    expect(ran).toEqual([]);
  });

  test("ends when the head hangs up, and is not remembered as done", async () => {
    const prepare = prepareNode();
    run = never;
    const gone = new AbortController();
    const running = prepare(plan({ environment: null }), gone.signal);
    await new Promise((resolve) => setImmediate(resolve));
    gone.abort(new Error("gone"));
    await expect(running).rejects.toThrow("gone");
    expect(done.size).toBe(0);
    expect(ends).toBe(1);
  });
});
