import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { attemptLogPrefix } from "../../../agent/contract/names.js";
import type { JobItem } from "../../../agent/contract/registry.js";
import { openTerminal } from "../../../scripts/cli/access/terminal/open.js";
import { CLUSTER_UUID, clusterItem, nodeSummary } from "../../support/agent/cluster-item.js";
import { FakeWorld } from "../../support/cli/fake-world.js";
import { type PlayedTerminal, playTerminal } from "../../support/cli/terminal.js";

let terminal: PlayedTerminal;
let world: FakeWorld;
beforeEach(async () => {
  terminal = await playTerminal();
  world = new FakeWorld();
  // No region, no org, no credentials: nothing but the socket.
  world.env = { MUSTER_NOTEBOOK_SOCKET: terminal.socketPath };
  world.terminal = openTerminal;
  world.files.set("pi.py", Buffer.from("print(3)\n"));
});
afterEach(() => terminal.close());

const latest = (): JobItem => terminal.jobs.values().at(-1) as JobItem;
const change = (values: Partial<JobItem>): void => terminal.jobs.set(latest().id, { ...latest(), ...values });
const prefix = () => `s3://logs/${attemptLogPrefix(CLUSTER_UUID, latest().id, 1)}`;
function launched(output: Buffer): void {
  terminal.outputs.set(`${latest().id}/1`, output);
  change({ status: "INPROGRESS", phase: "running", ranks: 4, attempt: 1, logPrefix: prefix() });
}
function ended(output: Buffer, values: Partial<JobItem> = {}): void {
  launched(output);
  const sha256 = createHash("sha256").update(output).digest("hex");
  const log = { uri: `${prefix()}manifest.json`, bytes: output.length, parts: 1, sha256 };
  change({
    ...{ status: "FINISHED", phase: "ended", exitCode: 0, endedAt: "2026-01-01T00:00:09.000Z" },
    ...{ logState: "delivered", log, ...values },
  });
}

describe("in a notebook's terminal", () => {
  test("muster job submit FILE works as it is written, without a place and without AWS", async () => {
    expect(await world.run("job", "submit", "pi.py", "100")).toBe(0);
    expect(world.out).toBe(`${latest().id}\n`);
    expect(latest().request).toEqual({
      command: ["pi.py", "100"],
      script: { name: "pi.py", content: "print(3)\n" },
    });
    expect(world.openings).toEqual([]);
    expect(world.said.at(-1)).toBe(`follow it with \`muster job logs -f ${latest().id}\``);
  });

  test("a repeated key finds the job that it made, and refuses another with it", async () => {
    await world.run("job", "submit", "--idempotency-key", "k", "pi.py");
    expect(await world.run("job", "submit", "--idempotency-key", "k", "pi.py")).toBe(0);
    expect(terminal.jobs.size).toBe(1);
    world.files.set("pi.py", Buffer.from("print(4)\n"));
    expect(await world.run("job", "submit", "--idempotency-key", "k", "pi.py")).toBe(3);
    expect(world.said.at(-1)).toContain("The idempotency key was used before, for another request");
  });

  test("what the agent refuses is refused, with its next step", async () => {
    await world.run("job", "submit", "pi.py");
    expect(await world.run("job", "submit", "--if-busy", "refuse", "pi.py")).toBe(3);
    expect(terminal.jobs.size).toBe(1);
    terminal.cluster = clusterItem({ clusterStatus: "PARKED", phase: "parked", resumeOnJob: false });
    expect(await world.run("job", "submit", "pi.py")).toBe(3);
    expect(world.said.at(-1)).toContain("cluster-stays-parked");
  });

  test("muster job run shows the output and ends with the job's exit code", async () => {
    world.meanwhile = (look) => {
      if (look === 1) launched(Buffer.from("one\n"));
      if (look === 3) ended(Buffer.from("one\ntwo\n"), { status: "FAILED", exitCode: 7 });
    };
    expect(await world.run("job", "run", "pi.py")).toBe(7);
    expect(world.out).toBe("one\ntwo\n");
  });

  test("muster job logs gives each byte of a log of many answers, and compares it with what was delivered", async () => {
    await world.run("job", "submit", "pi.py");
    const output = Buffer.alloc(3_000_000, "0123456789\n");
    ended(output);
    world.written.length = 0;
    expect(await world.run("job", "logs", latest().id)).toBe(0);
    expect(Buffer.concat(world.written).equals(output)).toBe(true);
    terminal.outputs.set(`${latest().id}/1`, Buffer.alloc(3_000_000, "x"));
    expect(await world.run("job", "logs", latest().id)).toBe(1);
    expect(world.said.at(-1)).toContain("The log's bytes are not those that were delivered");
  });

  test("muster job logs --tail begins with the last lines", async () => {
    await world.run("job", "submit", "pi.py");
    launched(Buffer.concat([Buffer.alloc(1_500_000, "x\n"), Buffer.from("a\nb\nc\n")]));
    world.written.length = 0;
    expect(await world.run("job", "logs", "--tail", "2", latest().id)).toBe(0);
    expect(world.out).toBe("b\nc\n");
  });

  test("muster job show, list, wait and cancel", async () => {
    await world.run("job", "submit", "pi.py");
    world.written.length = 0;
    expect(await world.run("job", "show", latest().id)).toBe(0);
    expect(world.out).toContain(`job         ${latest().id}\n`);
    expect(await world.run("job", "list")).toBe(0);
    expect(world.out).toContain("pi.py");
    expect(await world.run("job", "cancel", latest().id)).toBe(0);
    expect(latest()).toMatchObject({ status: "CANCELLED" });
    expect(await world.run("job", "cancel", latest().id)).toBe(3);
    expect(await world.run("job", "wait", latest().id)).toBe(1);
    expect(await world.run("job", "show", "job-none")).toBe(1);
  });

  test("a running job is asked to stop", async () => {
    await world.run("job", "submit", "pi.py");
    launched(Buffer.alloc(0));
    expect(await world.run("job", "cancel", latest().id)).toBe(0);
    expect(latest()).toMatchObject({ status: "INPROGRESS", cancelRequested: true });
  });

  test("muster cluster show, list and activity are about the notebook's cluster", async () => {
    terminal.nodes = [nodeSummary("i-1"), nodeSummary("i-2")];
    expect(await world.run("cluster", "show")).toBe(0);
    expect(world.out).toContain(`cluster     demo (${CLUSTER_UUID})\n`);
    expect(world.out).toContain("i-2");
    expect(await world.run("cluster", "list", "--json")).toBe(0);
    expect(await world.run("cluster", "activity")).toBe(0);
    expect(world.openings).toEqual([]);
  });

  test("the cluster may be gone", async () => {
    terminal.cluster = null;
    expect(await world.run("cluster", "show")).toBe(1);
    expect(world.said.at(-1)).toBe("The cluster that this notebook was attached to is gone.");
  });

  test.each([
    [
      "a folder",
      ["job", "submit", "--folder", "src", "main.py"],
      "From a notebook no folder is sent: its files are on the cluster already.",
    ],
    [
      "a definition",
      ["job", "submit", "--definition", "nightly"],
      "A notebook's terminal has jobs and the state of its cluster; job definitions: not.",
    ],
    ["a park", ["cluster", "park"], "the size of a cluster: not"],
    ["a token", ["token", "--role", "operator"], "tokens: not"],
    ["notebooks", ["notebook", "list"], "the org's notebooks: not"],
  ])("%s is refused with the next step", async (_name, argv, words) => {
    world.files.set("src/main.py", Buffer.from("print(1)\n"));
    terminal.cluster = clusterItem({
      clusterStatus: "FINISHED",
      phase: "ready",
      hostfileNodes: 2,
      logBucket: "logs",
    });
    expect(await world.run(...argv)).toBe(3);
    expect(world.said.at(-1)).toContain(words);
  });

  test("a place that is typed is another one, reached with the person's own credentials", async () => {
    world.clusters.push({ ...clusterItem(), nodes: [] });
    world.env["AWS_REGION"] = "us-east-1";
    expect(await world.run("cluster", "show", "--org", "acme", "--cluster", "demo")).toBe(0);
    expect(world.openings).toHaveLength(1);
  });

  test("an agent that is away is waited for; another command says so", async () => {
    await world.run("job", "submit", "pi.py");
    const { id } = latest();
    await terminal.close();
    expect(await world.run("job", "list")).toBe(1);
    expect(world.said.at(-1)).toContain(`This notebook's agent does not answer at ${terminal.socketPath}`);
    expect(await world.run("job", "show", id)).toBe(1);
  });
});
