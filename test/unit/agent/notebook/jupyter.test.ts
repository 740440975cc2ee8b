import { afterEach, describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import { reasonOf } from "../../../../agent/errors.js";
import { createJupyter, type Jupyter } from "../../../../agent/notebook/jupyter.js";
import type { JupyterState } from "../../../../agent/notebook/ports.js";
import { countBusyTerminals, parseStat } from "../../../../agent/notebook/terminals.js";
import { parseUnitState, renderEnvironment } from "../../../../agent/system/jupyter-unit.js";
import { createNotebookFiles, parseHosts } from "../../../../agent/system/notebook-files.js";
import { manualClock } from "../../../support/manual-clock.js";

let running: Jupyter | null = null;
afterEach(async () => {
  await running?.stop();
  running = null;
});
const settle = () => new Promise((resolve) => setImmediate(resolve));

function world(state: JupyterState = { isRunning: false, invocation: null }) {
  const clock = manualClock();
  const now = { state, starts: 0, kernels: 0, problem: null as Error | null, mayStart: null as Error | null };
  const jupyter = createJupyter({
    unit: {
      state: async () => now.state,
      async start() {
        now.starts += 1;
        now.state = { isRunning: true, invocation: `start-${now.starts}` };
      },
      busyTerminals: async () => 0,
    },
    api: {
      check: async () => {},
      sessions: async () => ({ kernels: [], terminals: [] }),
      async tryKernel() {
        now.kernels += 1;
        if (now.problem !== null) throw now.problem;
      },
    },
    async mayStart() {
      if (now.mayStart !== null) throw now.mayStart;
    },
    clock,
    log: pino({ level: "silent" }),
  });
  running = jupyter;
  const check = (name: string) => {
    const probe = jupyter.probes.find((one) => one.name === name);
    const work = probe?.check(new AbortController().signal) ?? Promise.reject(new Error(`no probe ${name}`));
    return work.then(() => "passes", reasonOf);
  };
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second += 1) {
      clock.advance(1_000);
      await settle();
    }
  };
  return { now, jupyter, check, pass };
}

describe("JupyterLab", () => {
  test("is started when its home is there, and again when it has died", async () => {
    const { now, jupyter, pass } = world();
    now.mayStart = new Error("/homes/explore is not mounted");
    jupyter.start();
    await pass(20);
    expect(now.starts).toBe(0);
    now.mayStart = null;
    await pass(3);
    expect(now.starts).toBe(1);
    now.state = { isRunning: false, invocation: "start-1" };
    await pass(6);
    expect(now.starts).toBe(2);
  });

  test("that runs already is kept: its kernels survive a restart of the agent", async () => {
    const { now, jupyter, pass } = world({ isRunning: true, invocation: "before" });
    jupyter.start();
    await pass(60);
    expect(now.starts).toBe(0);
  });

  test("is of use only when a kernel of it has answered, which is tried once for each start", async () => {
    const { now, check, jupyter } = world({ isRunning: true, invocation: "a" });
    expect(await check("kernel")).toBe("the agent has just been started");
    jupyter.start();
    now.problem = new Error("the kernel's connection was closed");
    expect(await check("kernel")).toContain("connection was closed");
    expect(await check("jupyter")).toBe("passes");
    now.problem = null;
    expect([await check("kernel"), await check("kernel")]).toEqual(["passes", "passes"]);
    expect(now.kernels).toBe(2);
    now.state = { isRunning: true, invocation: "b" };
    expect(await check("kernel")).toBe("passes");
    expect(now.kernels).toBe(3);
    now.state = { isRunning: false, invocation: "b" };
    expect(await check("kernel")).toBe("JupyterLab does not run");
  });
});

describe("JupyterLab's unit", () => {
  test.each([
    ["ActiveState=active\nInvocationID=ab\nControlGroup=/system.slice/muster-jupyter.service\n", true, "ab"],
    ["ActiveState=activating\nInvocationID=ab\nControlGroup=/system.slice/x\n", true, "ab"],
    ["ActiveState=failed\nInvocationID=ab\nControlGroup=\n", false, "ab"],
    ["ActiveState=inactive\nInvocationID=\nControlGroup=\n", false, null],
  ])("in the state %j", (shown, isRunning, invocation) => {
    expect(parseUnitState(shown)).toMatchObject({ isRunning, invocation });
  });

  test("gets what it needs by its environment, and no secret", () => {
    const text = renderEnvironment({
      ...{ name: "explore", home: "/homes/explore", kernelIdleMinutes: 60, mpiKernelIdleMinutes: 30 },
      ...{ memoryMiB: 3_000, clusterUuid: "u", clusterName: "alpha" },
    });
    expect(text.split("\n").sort()).toEqual([
      "",
      'HOME="/homes/explore"',
      'JUPYTER_TOKEN_FILE="/run/muster-notebook/token"',
      'MUSTER_CLUSTER_NAME="alpha"',
      'MUSTER_CLUSTER_UUID="u"',
      'MUSTER_NOTEBOOK="explore"',
      'MUSTER_NOTEBOOK_CULL_SECONDS="3600"',
      'MUSTER_NOTEBOOK_MEMORY_MIB="3000"',
      'MUSTER_NOTEBOOK_MPI_IDLE_MINUTES="30"',
      'MUSTER_NOTEBOOK_SOCKET="/run/muster-notebook/agent.sock"',
    ]);
  });
});

describe("terminals in which something runs", () => {
  const process = (pid: number, parent: number, session = pid, terminal = 0) => ({
    pid,
    parent,
    session,
    terminal,
  });
  const server = process(100, 1);
  const kernel = process(101, 100);
  const shell = process(110, 100, 110, 34_816);

  test.each([
    [
      "none: an idle shell, and a kernel with its own processes",
      [server, kernel, process(102, 101, 101), shell],
      0,
    ],
    ["a program in the foreground", [server, shell, process(111, 110, 110, 34_816)], 1],
    [
      "one in the background, after its shell's child has ended",
      [server, shell, process(112, 1, 110, 34_816)],
      1,
    ],
    ["one in a session of its own below the shell", [server, shell, process(113, 110, 113)], 1],
    [
      "one behind another terminal of its own: it is one terminal",
      [server, shell, process(114, 110, 114, 34_817)],
      1,
    ],
    [
      "two of three",
      [
        server,
        shell,
        process(111, 110, 110, 34_816),
        process(120, 100, 120, 5),
        process(130, 100, 130, 6),
        process(131, 130, 130, 6),
      ],
      2,
    ],
    ["none: there are no processes", [], 0],
  ])("%s", (_case, processes, expected) => expect(countBusyTerminals(processes)).toBe(expected));

  test("are read from the kernel's lists, whatever programs are called", () => {
    expect(parseStat("111 (a) b (c) S 110 111 110 34816 111 4194304 0")).toEqual(
      process(111, 110, 110, 34_816),
    );
    expect(parseStat("")).toBeNull();
  });
});

describe("the hostfile, as the notebook's user reads it", () => {
  test("has hosts, and what else is there is none", () => {
    expect(parseHosts("10.0.0.1:4\n10.0.0.2:8\n\nevil host\n10.0.0.3\n")).toEqual([
      { address: "10.0.0.1", cores: 4 },
      { address: "10.0.0.2", cores: 8 },
    ]);
  });

  test("fails its probe where it has no host, or can't be read", async () => {
    const check = (run: () => Promise<Buffer>) => {
      const files = createNotebookFiles(
        { run },
        { home: "/homes/e", shared: "/shared", hostfile: "/shared/.hostfile-u" },
      );
      const probe = files.probes.find(({ name }) => name === "hostfile");
      return probe?.check(new AbortController().signal).then(() => "passes", reasonOf);
    };
    expect(await check(async () => Buffer.from("10.0.0.1:4\n"))).toBe("passes");
    expect(await check(async () => Buffer.from(""))).toContain("/shared/.hostfile-u has no host");
    expect(await check(() => Promise.reject(new Error("Permission denied")))).toBe("Permission denied");
  });

  test("is read, and the home made ready, by errands of the notebook's user alone", async () => {
    const scripts: string[] = [];
    const run = async ({ script }: { readonly script: string }) => {
      scripts.push(script);
      return Buffer.from("");
    };
    const files = createNotebookFiles({ run }, { home: "/homes/e", shared: "/nowhere", hostfile: "/h" });
    await files.readHosts();
    await expect(files.prepareHome()).rejects.toThrow("/nowhere is not mounted");
    expect(scripts).toHaveLength(1);
  });
});
