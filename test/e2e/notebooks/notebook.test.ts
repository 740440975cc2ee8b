import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EC2Client, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Browser } from "playwright-core";
import { AUTHORITY_FILE, hostfilePath } from "../../../agent/contract/names.js";
import type { ObservedCluster } from "../../../agent/contract/nodes.js";
import { NOTEBOOK_PORT } from "../../../agent/contract/notebook.js";
import type { NodeSummary } from "../../../agent/contract/registry.js";
import { roleToken } from "../../../agent/contract/tokens.js";
import { JOURNEY_NOTEBOOK } from "../../../scripts/journey/notebook.js";
import { deploy, goDown, goUp, type Journey, lookAtCluster } from "../../../scripts/journey/run.js";
import { findByName, openAccess } from "../../../scripts/journey/steps.js";
import { runCommand } from "../../../scripts/system/command.js";
import { waitFor } from "../../../scripts/system/wait.js";
import { runInNode, startTestJourney } from "../../support/journey.js";
import { Lab, startBrowser } from "../../support/notebook/lab.js";
import { type OpenedNotebook, openByCommand } from "../../support/notebook/open.js";
import { ROLE_CREDENTIALS, SAID_ON_A_NODE, WHEEL } from "../../support/notebook/programs.js";
import { findPlanted, readAccount, readFolder } from "../../support/notebook/stored.js";

const CLOUD = "test-notebook";
const NODES = 4;
const MINUTE_MS = 60_000;
const { name } = JOURNEY_NOTEBOOK;
/** Screenshots are kept there, for people who want to see what a person sees. */
const PICTURES = process.env["MUSTER_PICTURES"] ?? join(tmpdir(), "muster-pictures");

let journey: Journey;
let cluster: ObservedCluster;
let node: NodeSummary;
let folder: string;
let browser: Browser;
let opened: OpenedNotebook;
let lab: Lab;

const access = () => openAccess(journey.place.workspace.org, journey.place.workspace.region);
/** On the notebook's node, as root. */
async function onNode(script: string): Promise<string> {
  const { exitCode, stdout, stderr } = await runInNode(journey.place, node.id, ["sh", "-euc", script]);
  if (exitCode !== 0) throw new Error(`${script}\nexit code ${exitCode}: ${stderr.slice(-2_000)}`);
  return stdout;
}
const notebook = async () => {
  const found = await access().notebooks.find(name);
  if (found === null) throw new Error(`notebook ${name} is not in the registry`);
  return found;
};
const until = (what: string, isDone: (of: Awaited<ReturnType<typeof notebook>>) => boolean) =>
  waitFor({
    what,
    timeoutSeconds: 90,
    look: notebook,
    isDone,
    describe: ({ status, phase, failingProbes }) => `${status}, ${phase}: ${failingProbes.join(", ")}`,
  });

beforeAll(async () => {
  journey = await startTestJourney(CLOUD);
  await goDown(journey);
  await goUp(journey);
  await deploy(journey, { nodes: NODES, notebooks: [JOURNEY_NOTEBOOK] });
  await lookAtCluster(journey);
  // The head lists a node some moments after the node has said that it is ready.
  const deployed = await waitFor({
    what: "the head to list the notebook's node",
    timeoutSeconds: 60,
    look: () => findByName(access(), journey.place.workspace.clusterName),
    isDone: (seen) => seen?.nodes.some(({ kind }) => kind === "notebook") === true,
    describe: (seen) => seen?.nodes.map(({ hostname, kind }) => `${hostname} ${kind}`).join(", ") ?? "none",
  });
  const found = deployed?.nodes.find(({ kind }) => kind === "notebook");
  if (deployed === null || found === undefined) throw new Error("the notebook's node is gone");
  cluster = deployed;
  node = found;
  folder = mkdtempSync(join(tmpdir(), "muster-notebook-"));
  mkdirSync(PICTURES, { recursive: true });
  browser = await startBrowser();
  opened = await openByCommand(journey.place, name, join(folder, "person"));
  lab = await Lab.start(browser, PICTURES);
}, 6 * MINUTE_MS);
afterAll(async () => {
  await lab?.close().catch(() => undefined);
  await browser?.close();
  await opened?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true });
  if (journey !== undefined) await goDown(journey);
}, 2 * MINUTE_MS);

/** One notebook, as a person uses it. The tests are in their order, and each goes on where the one before it has ended. */
describe("a notebook that is attached to four nodes", () => {
  test(
    "is FINISHED, is in no hostfile, and opens in a browser with both kernels",
    async () => {
      expect(await notebook()).toMatchObject({ status: "FINISHED", phase: "ready", failingProbes: [] });
      expect(await onNode(`cat ${hostfilePath(cluster.uuid)}`)).not.toContain(node.address);
      expect(opened.pageMode).toBe(0o600);
      await lab.page.goto(opened.page);
      await lab.awaitLauncher();
      expect(lab.page.url()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/notebook\/lab/);
      const kernels = (await lab.kernels()).join(" ");
      expect(kernels).toContain("Python 3");
      expect(kernels).toContain(`MPI: all cores of ${cluster.name}`);
      await lab.picture("launcher");
    },
    2 * MINUTE_MS,
  );

  test(
    "runs a cell on its own node",
    async () => {
      await lab.newNotebook(/Python 3/);
      expect((await lab.run("import socket, os; print(socket.gethostname(), os.environ['HOME'])")).text).toBe(
        `${node.hostname} /homes/${name}`,
      );
      expect((await lab.run(WHEEL)).text).toContain("Successfully installed greeting-1.0");
    },
    2 * MINUTE_MS,
  );

  test(
    "runs an MPI cell on every core of the cluster, with an Allreduce over all and one host name a node",
    async () => {
      await lab.newNotebook(/MPI: all cores/);
      const { text } = await lab.run(
        "from mpi4py import MPI\nimport socket\nworld = MPI.COMM_WORLD\nnames = world.allgather(socket.gethostname())\nimport greeting\nprint(greeting.WORD, world.allreduce(1), len(set(names)), sorted(set(names)))",
      );
      const workers = cluster.nodes.filter(({ kind }) => kind === "worker").map(({ hostname }) => hostname);
      expect(text).toContain(`[0-${cluster.cores - 1}] hello ${cluster.cores} ${NODES}`);
      for (const hostname of workers) expect(text).toContain(hostname);
      await lab.picture("mpi-cell");
    },
    3 * MINUTE_MS,
  );

  test(
    "shows the error of one rank with its number, and goes on",
    async () => {
      const { text } = await lab.run("if world.rank == 3: raise ValueError('of rank three')");
      expect(text).toMatch(/\[3\][\s\S]*ValueError: of rank three/);
      await lab.picture("one-rank-fails");
      expect((await lab.run("print(world.size)")).text).toContain(
        `[0-${cluster.cores - 1}] ${cluster.cores}`,
      );
    },
    2 * MINUTE_MS,
  );

  test(
    "ends a cell of all ranks by an interrupt, and begins anew by a restart",
    async () => {
      const cell = await lab.begin("import time\ntime.sleep(600)");
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      await lab.interrupt();
      expect((await lab.ended(cell)).text).toContain("KeyboardInterrupt");
      await lab.restart();
      expect((await lab.run("'world' in globals()")).text).toContain("False");
    },
    3 * MINUTE_MS,
  );

  test(
    "has the reference's three commands, and the command for jobs, in its terminal",
    async () => {
      await lab.newTerminal();
      const hostfile = hostfilePath(cluster.uuid);
      const out = `/homes/${name}/out`;
      await lab.type(
        `(ls -la ${hostfile}; mpiexec -n ${cluster.cores} -f ${hostfile} hostname; mpiexec -n ${cluster.cores} -f ${hostfile} python --version; echo 'print("from a notebook")' > hello.py; muster job submit hello.py) > ${out} 2>&1; touch ${out}.done`,
      );
      const text = await waitFor({
        what: "the terminal's commands to end",
        timeoutSeconds: 90,
        look: () => onNode(`cat ${out} || :; test ! -e ${out}.done || echo ALL DONE`),
        isDone: (said) => said.includes("ALL DONE"),
        describe: (said) => said.slice(-1_000),
      });
      await lab.picture("terminal");
      expect(text).toContain(hostfile);
      for (const { hostname } of cluster.nodes.filter(({ kind }) => kind === "worker"))
        expect(text).toContain(hostname);
      expect(text.match(/^Python 3/gm)).toHaveLength(cluster.cores);
      const jobId = /job-[0-9a-f]+/.exec(text)?.[0] ?? "";
      const job = await waitFor({
        what: `job ${jobId} to end`,
        timeoutSeconds: 90,
        look: () => access().jobs.observe(cluster.uuid, jobId),
        isDone: (seen) => seen?.status === "FINISHED" || seen?.status === "FAILED",
        describe: (seen) => `${seen?.status}, ${seen?.phase}`,
      });
      expect(job).toMatchObject({ status: "FINISHED", submittedBy: `notebook:${name}` });
    },
    4 * MINUTE_MS,
  );
});

describe("its node", () => {
  const ask = (...headers: string[]) => {
    const given = headers.map((header) => `-H '${header}'`).join(" ");
    const url = `https://${node.address}:${NOTEBOOK_PORT}/notebook/api/status`;
    return onNode(
      `curl -s -o /dev/null -w '%{http_code}' --path-as-is --cacert ${AUTHORITY_FILE} ${given} ${url}`,
    );
  };

  test(
    "refuses who has no token, another role's, or comes from another site",
    async () => {
      const { value } = await access().secrets.read(cluster.uuid);
      const operator = `authorization: Bearer ${roleToken(value, "operator")}`;
      expect(await ask(operator)).toBe("200");
      expect(await ask()).toBe("401");
      expect(await ask("authorization: Bearer nonsense")).toBe("401");
      expect(await ask(`authorization: Bearer ${roleToken(value, "reader")}`)).toBe("403");
      expect(await ask(operator, "origin: https://evil.example")).toBe("403");
      expect(await ask(operator, "sec-fetch-site: cross-site")).toBe("403");
      expect(await ask(operator, "host: evil.example")).toBe("403");
    },
    MINUTE_MS,
  );

  test(
    "has no secret in what is stored, in what Terraform keeps, or in an argv, an environment or a log of any node",
    async () => {
      const { value } = await access().secrets.read(cluster.uuid);
      const role = JSON.parse(await onNode(ROLE_CREDENTIALS)) as Record<string, string>;
      const [cookie] = await lab.page.context().cookies();
      const planted = {
        "the cluster's secret": value,
        "the operator token": roleToken(value, "operator"),
        "the reader token": roleToken(value, "reader"),
        "the peer token": roleToken(value, "peer"),
        "Jupyter's token": await onNode("cat /run/muster-notebook/token"),
        "the role's key": role["SecretAccessKey"] ?? "",
        "the role's session": role["Token"] ?? "",
        "the browser's session": cookie?.value ?? "",
      };
      for (const secret of Object.values(planted)) expect(secret.length).toBeGreaterThanOrEqual(16);
      const { folder: declared, region } = journey.place.workspace;
      const onNodes = cluster.nodes.map(async ({ id, hostname }) => {
        const { stdout } = await runInNode(journey.place, id, ["sh", "-c", SAID_ON_A_NODE]);
        return [hostname, stdout] as const;
      });
      const stored = [
        ...(await Promise.all(onNodes)),
        ...(await readAccount(region)),
        ...readFolder(declared),
        ["muster notebook open", opened.said()] as const,
      ];
      expect(stored.map(([place]) => place)).toContainEqual(expect.stringContaining(".tfstate"));
      expect(stored.map(([place]) => place)).toContainEqual(expect.stringContaining("s3://"));
      expect(findPlanted(planted, stored)).toEqual([]);
    },
    MINUTE_MS,
  );
});

/** The command, as a person types it. */
const muster = (...words: readonly string[]) => {
  const { org, region } = journey.place.workspace;
  const bundle = join(journey.place.projectRoot, "dist/cli/muster.cjs");
  return runCommand([process.execPath, bundle, ...words, "--org", org, "--region", region], {
    timeoutSeconds: 120,
  });
};

describe("what becomes of it", () => {
  test(
    "its cluster parks under it: an MPI cell ends with the reason, the probe head says why, and a new one says what to do",
    async () => {
      await lab.show("Untitled1.ipynb");
      const cell = await lab.begin("import time\ntime.sleep(600)");
      await muster("cluster", "park", "--cluster", cluster.name);
      expect((await lab.ended(cell)).text).toMatch(
        /There are no ranks any more: .* \(on ip-\S+\) .*Kernel > Restart Kernel starts new ranks/,
      );
      const parked = await until(
        "the notebook to say that its cluster is parked",
        ({ reason }) => reason?.includes("PARKED") === true,
      );
      expect(parked).toMatchObject({
        ...{ status: "FINISHED", phase: "unready", failingProbes: ["head"] },
        ...{ reasonCode: "notebook-head-unreachable", instanceId: node.id },
        reason: expect.stringContaining(`muster cluster resume ${cluster.name} gives it nodes`),
      });
      await lab.restart();
      expect((await lab.run("1 + 1")).text).toContain(`muster cluster resume ${cluster.name} gives it nodes`);
      await lab.show("Untitled.ipynb");
      expect((await lab.run("6 * 7")).text).toBe("42");
      await lab.picture("parked");
    },
    3 * MINUTE_MS,
  );

  test(
    "its node is terminated: another one has the same home, with its files and packages, and the open page finds it",
    async () => {
      const ec2 = new EC2Client({ region: journey.place.workspace.region });
      await ec2.send(new TerminateInstancesCommand({ InstanceIds: [node.id] }));
      const resumed = muster("cluster", "resume", "--cluster", cluster.name);
      const seen: string[] = [];
      const { instanceId, address } = await until("another node of the notebook to be ready", (of) => {
        if (of.instanceId !== node.id) seen.push(`${of.status} ${of.phase} ${of.reasonCode ?? ""}`.trim());
        return of.instanceId !== node.id && of.phase === "ready";
      });
      await resumed;
      // It says at once what it waits for, and what was FINISHED stays so.
      expect(seen).toContainEqual(
        expect.stringMatching(/^FINISHED unready notebook-(?:head|jupyter|kernel)-/),
      );
      expect(seen.filter((state) => !/^FINISHED (?:unready notebook-\S+|ready)$/.test(state))).toEqual([]);
      node = { ...node, id: instanceId ?? "", address: address ?? "" };
      await lab.anew();
      await lab.newNotebook(/Python 3/);
      const { text } = await lab.run("import greeting, os; print(greeting.WORD, os.path.exists('hello.py'))");
      expect(text).toBe("hello True");
      expect(opened.said()).toContain(`notebook ${name} is connected again`);
    },
    3 * MINUTE_MS,
  );

  test(
    "keeps its kernels when the agent is killed, and names JupyterLab when that is",
    async () => {
      const kernels = () => onNode("pgrep -fc '[i]pykernel_launcher|[m]uster_kernels' || true");
      const before = await kernels();
      expect(Number(before)).toBeGreaterThan(0);
      await onNode("systemctl kill -s KILL muster-agent");
      await until("the notebook to be ready again", ({ phase }) => phase === "ready");
      expect(await kernels()).toBe(before);
      await onNode("systemctl kill -s KILL muster-jupyter");
      await until("the notebook to say that JupyterLab is gone", ({ failingProbes }) =>
        failingProbes.some((probe) => ["jupyter", "kernel"].includes(probe)),
      );
      await until("the notebook to be ready again", ({ phase }) => phase === "ready");
    },
    4 * MINUTE_MS,
  );
});
