import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { hostfilePath } from "../../../agent/contract/names.js";
import type { ObservedCluster } from "../../../agent/contract/nodes.js";
import { waitFor } from "../../../scripts/system/wait.js";
import { runInNode } from "../../support/journey.js";
import {
  leaveSharedCluster,
  type SharedJourney,
  useSharedCluster,
} from "../../support/shared-cluster/use.js";

// JupyterLab by its own unit, on a node of the cluster, without the agent's part of a notebook: that is the stand-in.

const MINUTE_MS = 60_000;
const IDLE_SECONDS = 3;
const HOME = "/shared/notebook-kernels";
const PYTHON = "/usr/lib/muster/notebook/bin/python";
const fixture = (name: string): string =>
  readFileSync(join(__dirname, "../../fixtures/kernels", name), "utf8");

let journey: SharedJourney;
let cluster: ObservedCluster;

async function onNode(script: string, input = ""): Promise<string> {
  const node = cluster.nodes[0]?.id ?? "";
  const { exitCode, stdout, stderr } = await runInNode(journey.place, node, ["sh", "-euc", script], input);
  if (exitCode !== 0) throw new Error(`${script}\nexit code ${exitCode}: ${stderr.slice(-4_000)}`);
  return stdout;
}

const asUser = (program: string): string => `runuser -u muster -- env HOME=${HOME} ${program}`;

/** What a scenario of drive.py has seen. */
async function drive(...words: readonly string[]): Promise<never> {
  const script = asUser(`${PYTHON} - ${words[0]} /run/muster-notebook/token ${words.slice(1).join(" ")}`);
  return JSON.parse(await onNode(script, fixture("drive.py"))) as never;
}

beforeAll(async () => {
  ({ journey, cluster } = await useSharedCluster());
  const nodes = cluster.nodes.map(({ address, cores }) => ({ address, cores }));
  const place = {
    ...{ cluster: cluster.name, clusterUuid: cluster.uuid, hostfile: hostfilePath(cluster.uuid), nodes },
    ...{ ranks: cluster.cores, address: nodes[0]?.address, idleMinutes: 30 },
  };
  await onNode(
    "mkdir -p /run/stand-in /run/muster-notebook; cat >/run/stand-in/stand_in.py",
    fixture("stand_in.py"),
  );
  await onNode(`
    ${asUser(`mkdir -p ${HOME}`)}
    printf secret >/run/muster-notebook/token; chmod 400 /run/muster-notebook/token; chown muster /run/muster-notebook/token
    systemd-run --quiet --unit stand-in -p UMask=0 python3 /run/stand-in/stand_in.py /run/stand-in/agent.sock '${JSON.stringify(place)}'`);
  await startJupyter(600);
}, 6 * MINUTE_MS);

/** JupyterLab anew, with kernels that are ended after so long. */
async function startJupyter(idleSeconds: number): Promise<void> {
  await onNode(`cat >/run/muster-notebook/jupyter.env <<'END'
HOME=${HOME}
MUSTER_CLUSTER_NAME=${cluster.name}
MUSTER_NOTEBOOK_CULL_SECONDS=${idleSeconds}
MUSTER_NOTEBOOK_SOCKET=/run/stand-in/agent.sock
JUPYTER_TOKEN_FILE=/run/muster-notebook/token
END
    systemctl restart muster-jupyter`);
  await waitFor({
    what: "JupyterLab to answer",
    timeoutSeconds: 60,
    look: () =>
      onNode(`curl -s -H 'authorization: token secret' http://127.0.0.1:8888/notebook/api/status ||
        journalctl -u muster-jupyter -o cat | tail -n 20`),
    isDone: (answer) => answer.includes('"started"'),
    describe: (answer) => answer.slice(-1_500),
  });
}

afterAll(async () => {
  if (journey === undefined) return;
  await onNode(`
    systemctl stop muster-jupyter stand-in || :
    systemctl reset-failed stand-in 2>/dev/null || :
    rm -rf /run/stand-in /run/muster-notebook
    ${asUser(`rm -rf ${HOME}`)}`);
  await leaveSharedCluster(journey);
}, 2 * MINUTE_MS);

interface Seen {
  readonly stdout: string;
  readonly results: readonly string[];
  readonly progress: string;
  readonly errors: readonly string[];
  readonly status: string;
  readonly seconds: number;
}

/** What each rank said, of lines such as "[0-1,3] text": on a busy machine what is alike may come too late to be folded. */
function byRank(lines: readonly string[]): string[] {
  const said: string[] = [];
  for (const line of lines) {
    const [, names = "", text = ""] = /^\[([\d,-]+)\] (.*)$/.exec(line) ?? [];
    for (const part of names.split(",")) {
      const [first = 0, last = first] = part.split("-").map(Number);
      for (let rank = first; rank <= last; rank += 1) said[rank] = text;
    }
  }
  return said;
}

describe("the MPI kernel", () => {
  let seen: Readonly<
    Record<"first" | "error" | "interrupted" | "here" | "killed" | "after" | "restarted", Seen>
  >;
  beforeAll(async () => {
    seen = await drive("mpi");
  }, 5 * MINUTE_MS);

  test("runs a cell on all ranks at once, and folds what they say alike", () => {
    const hosts = cluster.nodes.map(({ hostname }) => hostname);
    expect(seen.first).toMatchObject({ status: "ok", results: ["[0-3] 4"], errors: [] });
    expect(byRank(seen.first.stdout.trim().split("\n"))).toEqual([hosts[0], hosts[0], hosts[1], hosts[1]]);
    expect(seen.first.progress).toMatch(
      /^4 ranks on 2 nodes of \S+ are ready after [\d.]+ s\. They hold the cluster until/,
    );
  });

  test("shows the error of a rank, with the rank", () => {
    expect(seen.error).toMatchObject({
      status: "error",
      errors: ["ZeroDivisionError: [1] division by zero"],
    });
    expect(seen.error.results).toEqual(["[0] -1.0", "[2] 1.0", "[3] 0.5"]);
  });

  test("interrupts all ranks", () => {
    expect(seen.interrupted.status).toBe("error");
    const names = seen.interrupted.errors.map((error) => error.replace("KeyboardInterrupt: ", ""));
    expect(byRank(names)).toEqual(["", "", "", ""]);
  });

  test("runs a cell on this node alone where it is marked so", () => {
    expect(seen.here).toMatchObject({ status: "ok", results: ["False"] });
  });

  test("ends with a rank that is killed, and names it and its node", () => {
    const host = cluster.nodes[1]?.hostname;
    const reason = `There are no ranks any more: rank 2 (on ${host}) was ended by SIGKILL`;
    // Before it, a rank that had to do with it may have an error of MPI's.
    for (const { status, errors } of [seen.killed, seen.after])
      expect({ status, last: errors.at(-1) }).toEqual({
        status: "error",
        last: expect.stringContaining(reason),
      });
  });

  test("has new ranks after a restart", () => {
    expect(seen.restarted).toMatchObject({ status: "ok", results: ["[0-3] 4"] });
  });

  test("leaves nothing on any node, and lets the cluster go", async () => {
    await waitFor({
      what: "no process of ranks",
      timeoutSeconds: 20,
      look: async () => {
        const all = cluster.nodes.map(({ id }) =>
          runInNode(journey.place, id, ["sh", "-c", "pgrep -af 'muster_kernel[s]|mpiexe[c]|hydr[a]_' || :"]),
        );
        return (await Promise.all(all)).map(({ stdout }) => stdout).join("");
      },
      isDone: (processes) => processes === "",
      describe: (processes) => processes.slice(0, 1_000),
    });
    expect(await onNode(`ls ${HOME}/.local/share/muster/mpi-kernels`)).toBe("");
    const calls = await onNode("journalctl -u stand-in -o cat");
    const asked = [...calls.matchAll(/POST \S+ \{"id": "([^"]+)"\}/g)].map(([, id]) => id);
    expect(asked).toHaveLength(2);
    // The same kernel, to Jupyter and to the agent, before and after its restart.
    expect(new Set(asked).size).toBe(1);
    expect([...calls.matchAll(/^DELETE /gm)]).toHaveLength(2);
  });
});

test(
  "what a cell prints while the browser is away comes when it is back, each line once",
  async () => {
    const { lines } = (await drive("away")) as { lines: string[] };
    expect(lines).toEqual(Array.from({ length: 30 }, (_, number) => String(number)));
  },
  MINUTE_MS,
);

test(
  "a silent cell outlives the idle time without a browser, and a kernel that is idle in an open tab does not",
  async () => {
    await startJupyter(IDLE_SECONDS);
    const gone = (await drive("idle", String(IDLE_SECONDS))) as { busy: number; idle: number };
    expect(gone.busy).toBeGreaterThanOrEqual(3 * IDLE_SECONDS);
    expect(gone.idle).toBeGreaterThanOrEqual(IDLE_SECONDS - 1);
    expect(gone.idle).toBeLessThan(gone.busy);
  },
  MINUTE_MS,
);

test("the image has the command", async () => {
  expect(await onNode(`cd / && ${asUser("/usr/bin/muster --help")}`)).toContain("Usage: muster");
});

test(
  "kernels and terminals end with the unit",
  async () => {
    const start = `${asUser(`${PYTHON} -c "
import json, urllib.request
for path, body in (('kernels', {'name': 'python3'}), ('terminals', {})):
    headers = {'authorization': 'token secret', 'content-type': 'application/json'}
    urllib.request.urlopen(urllib.request.Request('http://127.0.0.1:8888/notebook/api/' + path, json.dumps(body).encode(), headers))
"`)}; systemctl show -p ControlGroup --value muster-jupyter`;
    const group = (await onNode(start)).trim();
    const count = `cat /sys/fs/cgroup${group}/cgroup.procs 2>/dev/null | wc -l`;
    expect(Number(await onNode(count))).toBeGreaterThanOrEqual(3);
    await onNode("systemctl stop muster-jupyter");
    expect(Number(await onNode(count))).toBe(0);
    expect((await onNode("systemctl show -p Result --value muster-jupyter")).trim()).toBe("success");
  },
  MINUTE_MS,
);
