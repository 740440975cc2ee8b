import { readFileSync } from "node:fs";
import { join } from "node:path";
import { hostfilePath } from "../../../agent/contract/names.js";
import { waitFor } from "../../../scripts/system/wait.js";
import { runInNode } from "../../support/run-in-node.js";
import { asUser, type BenchCluster, headAndWorker } from "../launch/cluster.js";

const HOME = "/shared/bench-notebook";
const PYTHON = "/usr/lib/muster/notebook/bin/python";
const SHOWN_CHARS = 2_000;
const fixture = (name: string): string =>
  readFileSync(join(import.meta.dirname, "../../fixtures/kernels", name), "utf8");

/** JupyterLab on a node, by its own unit; what the agent of a notebook answers, a stand-in does. */
export interface OpenLab {
  /** From a kernel that is asked for to the result of its first cell on all ranks. The kernel ends with it. */
  kernelSeconds(): Promise<number>;
  /** The same by ipyparallel's own commands, from its start. */
  ipclusterSeconds(): Promise<number>;
  close(): Promise<void>;
}

export async function openLab(
  bench: BenchCluster,
  node: ReturnType<typeof headAndWorker>["worker"],
): Promise<OpenLab> {
  const { cluster, place } = bench;

  /** `input` is its standard input. Fails unless it ends well. */
  async function run(script: string, input = ""): Promise<string> {
    const { exitCode, stdout, stderr } = await runInNode(place, node.id, ["sh", "-euc", script], input);
    if (exitCode !== 0) throw new Error(`${script}\nexit code ${exitCode}: ${stderr.slice(-SHOWN_CHARS)}`);
    return stdout;
  }

  const python = (words: string): string => asUser(`export HOME=${HOME}; exec ${PYTHON} - ${words}`);
  await run(
    "mkdir -p /run/stand-in /run/muster-notebook; cat >/run/stand-in/stand_in.py",
    fixture("stand_in.py"),
  );
  await run(
    `
    ${asUser(`mkdir -p ${HOME}`)}
    printf secret >/run/muster-notebook/token; chmod 400 /run/muster-notebook/token; chown muster /run/muster-notebook/token
    systemd-run --quiet --unit stand-in -p UMask=0 python3 /run/stand-in/stand_in.py /run/stand-in/agent.sock '${placeOf(bench)}'
    cat >/run/muster-notebook/jupyter.env; systemctl restart muster-jupyter`,
    settings(cluster.name),
  );
  await waitFor({
    what: "JupyterLab to answer",
    timeoutSeconds: 60,
    look: () =>
      run("curl -s -H 'authorization: token secret' http://127.0.0.1:8888/notebook/api/status || :"),
    isDone: (answer) => answer.includes('"started"'),
    describe: (answer) => answer.slice(-SHOWN_CHARS),
  });
  const ipcluster = readFileSync(join(import.meta.dirname, "ipcluster.py"), "utf8");
  return {
    async kernelSeconds() {
      const seen = await run(python("first /run/muster-notebook/token"), fixture("drive.py"));
      return (JSON.parse(seen) as { readonly seconds: number }).seconds;
    },
    ipclusterSeconds: async () =>
      Number(
        (await run(python(`${hostfilePath(cluster.uuid)} ${cluster.cores} ${node.address}`), ipcluster))
          .trim()
          .split("\n")
          .at(-1),
      ),
    async close() {
      await run(`
        systemctl stop muster-jupyter stand-in || :
        systemctl reset-failed stand-in 2>/dev/null || :
        rm -rf /run/stand-in /run/muster-notebook
        ${asUser(`rm -rf ${HOME}`)}`);
    },
  };
}

const settings = (clusterName: string): string => `HOME=${HOME}
MUSTER_CLUSTER_NAME=${clusterName}
MUSTER_NOTEBOOK_CULL_SECONDS=600
MUSTER_NOTEBOOK_SOCKET=/run/stand-in/agent.sock
JUPYTER_TOKEN_FILE=/run/muster-notebook/token
`;

/** What the agent tells a kernel of its cluster, as JSON. */
const placeOf = (bench: BenchCluster): string =>
  JSON.stringify({
    ...{ cluster: bench.cluster.name, clusterUuid: bench.cluster.uuid },
    hostfile: hostfilePath(bench.cluster.uuid),
    nodes: bench.cluster.nodes.map(({ address, cores }) => ({ address, cores })),
    ...{ ranks: bench.cluster.cores, address: headAndWorker(bench).worker.address, idleMinutes: 30 },
  });
