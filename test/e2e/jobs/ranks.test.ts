import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { hostfilePath } from "../../../agent/contract/names.js";
import type { ObservedCluster } from "../../../agent/contract/nodes.js";
import { fileRequest } from "../../../scripts/journey/steps.js";
import { waitFor } from "../../../scripts/system/wait.js";
import { withoutHydraWords } from "../../support/hydra-words.js";
import { runInNode } from "../../support/journey.js";
import { jobsOnSharedCluster } from "../../support/shared-cluster/jobs.js";
import {
  leaveSharedCluster,
  type SharedJourney,
  useSharedCluster,
} from "../../support/shared-cluster/use.js";

const MINUTE_MS = 60_000;
const fixture = (name: string): string => join(__dirname, "../../fixtures/jobs/ranks", name);

let journey: SharedJourney;
let cluster: ObservedCluster;
beforeAll(async () => {
  ({ journey, cluster } = await useSharedCluster());
}, 6 * MINUTE_MS);
afterAll(async () => {
  if (journey !== undefined) await leaveSharedCluster(journey);
}, 2 * MINUTE_MS);

const { access, submit, ended, logOf, processesOn, expectNothingLeft } = jobsOnSharedCluster(
  () => ({ journey, cluster }),
  {
    ...{ prefix: "ranks", timeoutSeconds: 300, waitSeconds: 240 },
    signalMs: 4 * MINUTE_MS,
  },
);
describe("a rank that fails while the others wait", () => {
  const [first, second] = ["10.20.0.5", "10.20.0.6"];
  test.each<[string, string[], string | RegExp, number | null, string | null]>([
    ["with an exception", ["exception", "1"], /exited with code 1: ValueError: boo$/, 1, "ValueError: boo"],
    [
      "before MPI has begun",
      ["import", "3"],
      /: ModuleNotFoundError: No module named 'no_such_module'$/,
      1,
      null,
    ],
    ["with an exit code", ["exits", "2"], /exited with code 3$/, 3, "step 1 done"],
    ["without a word", ["exits-at-once", "2"], /exited with code 7$/, 7, null],
    ["by a signal", ["killed", "3"], /was ended by SIGKILL$/, 137, null],
    ["by its own fault", ["segfault", "1"], /was ended by SIGSEGV$/, 139, null],
    [
      "by leaving before MPI has begun",
      ["leaves-before-mpi", "1"],
      /ended without MPI_Init or MPI_Finalize, for which the other ranks wait$/,
      null,
      null,
    ],
    [
      "because MPI can't spawn",
      ["spawns", "0"],
      /MPI_Comm_spawn does not work here: start a pool of/,
      1,
      null,
    ],
  ])("%s ends the job with rank, host and cause", async (_name, args, reason, exitCode, lastLine) => {
    const job = await ended(await submit(fileRequest(fixture("fails.py"), args)));
    const rank = Number(args[1]);
    const host = cluster.nodes[rank < 2 ? 0 : 1]?.address ?? (rank < 2 ? first : second);
    // Together, so that a failure shows what was taken for the cause.
    expect(job).toMatchObject({ status: "FAILED", exitCode, reason: expect.stringMatching(reason) });
    expect(job.reason).toMatch(new RegExp(`^rank ${rank} on ${host} `));
    if (lastLine !== null) expect(job.lastLines.at(-1)).toBe(lastLine);
    await expectNothingLeft();
  });
});

describe("a job whose ranks have ended well", () => {
  test("ends, whatever they have left behind, and leaves nothing on any node", async () => {
    const job = await ended(await submit(fileRequest(fixture("leaves-behind.py"))));
    expect(job).toMatchObject({ status: "FINISHED", exitCode: 0, reason: null });
    expect(job.lastLines).toHaveLength(4);
    await expectNothingLeft();
  });
});

describe("the environment", () => {
  const environment = {
    PATH: "/opt/mine/bin",
    LD_PRELOAD: "/nonexistent.so",
    LD_LIBRARY_PATH: "/opt/mine/lib",
    PYTHONPATH: "/opt/mine/python",
    UCX_LOG_LEVEL: "fatal",
    MPICH_ASYNC_PROGRESS: "0",
    FI_LOG_LEVEL: "warn",
    MPIEXEC_TIMEOUT: "1",
    EMPTY: "",
    LINES: "a\nb=c 'd' \"e\" $f é",
  };

  test("that a request asks for reaches the ranks as it is, and not the launcher", async () => {
    const request = fileRequest(fixture("environment.py"));
    const job = await ended(await submit({ ...request, environment }));
    expect(job).toMatchObject({ status: "FINISHED", exitCode: 0 });
    const printed = (await logOf(job)).split("\n").find((line) => line.startsWith("{"));
    expect(JSON.parse(printed ?? "{}")).toMatchObject(environment);
  });

  test("keeps no print back: what a job has said before it is cancelled is in its log", async () => {
    const command = ["-c", "import time; print('step 1 done'); time.sleep(300)"];
    const job = await submit({ command });
    await waitFor({
      what: "the job to run",
      timeoutSeconds: 60,
      look: () => processesOn(cluster.nodes[1]?.id ?? ""),
      isDone: (lines) => lines.some((line) => line.includes("step 1 done")),
      describe: (lines) => lines.join(" | "),
    });
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    await access().jobs.requestCancel(cluster.uuid, job.id);
    const cancelled = await ended(job);
    expect(cancelled).toMatchObject({ status: "CANCELLED" });
    expect((await logOf(cancelled)).split("\n").filter((line) => line === "step 1 done")).toHaveLength(4);
    await expectNothingLeft();
  });
});

describe("mpiexec by hand", () => {
  const hostnames = () =>
    cluster.nodes.flatMap(({ hostname, cores }) => Array<string>(cores).fill(hostname)).sort();
  const mpiexec = () => ["mpiexec", "-n", `${cluster.cores}`, "-f", hostfilePath(cluster.uuid), "hostname"];
  const quoted = () => mpiexec().join(" ");
  const on = (index: number, argv: readonly [string, ...string[]]) =>
    runInNode(journey.place, cluster.nodes[index]?.id ?? "", argv);

  test.each<[string, () => readonly [string, ...string[]]]>([
    ["root", () => ["bash", "-c", quoted()]],
    ["root without an environment", () => ["env", "-i", "/bin/sh", "-c", quoted()]],
    ["the user muster, in a login shell", () => ["su", "-", "muster", "-c", quoted()]],
    ["the user muster, without one", () => ["runuser", "-u", "muster", "--", ...mpiexec()]],
  ])("works for %s, on every node, as the user muster", async (_name, argv) => {
    for (const index of [0, 1]) {
      const { stdout, stderr, exitCode } = await on(index, argv());
      expect({ exitCode, stderr: withoutHydraWords(stderr) }).toEqual({ exitCode: 0, stderr: "" });
      expect(stdout.trimEnd().split("\n").sort()).toEqual(hostnames());
    }
    const { stdout } = await on(0, ["bash", "-c", quoted().replace(/hostname$/, "id -un")]);
    expect(new Set(stdout.trimEnd().split("\n"))).toEqual(new Set(["muster"]));
  });

  test("works on a node that the hostfile does not list", async () => {
    const [first, second] = cluster.nodes;
    const list = `${second?.address}:2\n`;
    const run = `printf '%s' '${list}' >/tmp/hosts && mpiexec -n 2 -f /tmp/hosts hostname`;
    const { stdout, exitCode } = await on(0, ["bash", "-c", run]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: `${second?.hostname}\n`.repeat(2) });
    expect(first?.hostname).not.toBe(second?.hostname);
  });

  /** A launcher of other nodes' proxies that is slow, as on a busy machine. */
  const slowly = (end: string) =>
    [
      "cat >/tmp/slow <<'END' && chmod +x /tmp/slow",
      "#!/bin/sh",
      "sleep 1",
      // It is named to the other node too, which takes the agents' own alone.
      'for word; do shift; [ "$word" != /tmp/slow ] || word=/usr/lib/muster/launch; set -- "$@" "$word"; done',
      'exec /usr/lib/muster/launch "$@"',
      "END",
      `${end} ${quoted().replace("mpiexec", "mpiexec -launcher-exec /tmp/slow")} </dev/null`,
    ].join("\n");

  test("waits for the ranks of other nodes, although those of its own have ended long before", async () => {
    const { stdout, stderr, exitCode } = await on(0, ["bash", "-c", slowly("")]);
    expect({
      exitCode,
      stderr: withoutHydraWords(stderr),
      hosts: stdout.trimEnd().split("\n").sort(),
    }).toEqual({
      ...{ exitCode: 0, stderr: "" },
      hosts: hostnames(),
    });
  });

  test("that is killed leaves no proxy that begins after it, and no launcher", async () => {
    const { exitCode } = await on(0, ["bash", "-c", slowly("timeout --signal=KILL 0.5")]);
    expect(exitCode).toBe(137);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await expectNothingLeft();
  });

  test.each<[string, readonly string[]]>([
    ["another user", ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]],
    ["a process of a job", ["setpriv", "--reuid=1500", "--regid=1500", "--clear-groups"]],
  ])("tells %s at once that it may not", async (_name, as) => {
    const [program = "", ...options] = as;
    const { stderr, exitCode } = await on(0, [program, ...options, ...mpiexec()]);
    expect(stderr).toMatch(
      /^muster: \w+ may not start ranks on this cluster's nodes\. Run mpiexec as the user muster/,
    );
    expect(exitCode).not.toBe(0);
  });
});

describe("a proxy that is killed", () => {
  test.each([0, 1])("on node %d ends the job within seconds, with the cause", async (index) => {
    const node = cluster.nodes[index];
    if (node === undefined) throw new Error("no such node");
    const job = await submit({ command: ["-c", "import time; time.sleep(300)"] });
    const pids = await waitFor({
      what: "the proxy to run",
      timeoutSeconds: 60,
      look: async () =>
        (await runInNode(journey.place, node.id, ["pgrep", "-x", "hydra_pmi_proxy"])).stdout
          .trim()
          .split("\n"),
      isDone: ([pid]) => pid !== "",
      describe: String,
    });
    await runInNode(journey.place, node.id, ["kill", "-9", ...pids]);
    const failed = await ended(job);
    expect(failed.status).toBe("FAILED");
    expect(failed.reason).toBe(
      `Hydra's proxy on ${node.address}, which runs that node's ranks, was ended by SIGKILL`,
    );
    await expectNothingLeft();
  });
});
