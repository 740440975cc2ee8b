import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { JOB_USER } from "../../../../agent/contract/node-accounts.js";
import { NOTEBOOK_BASE_PATH, NOTEBOOK_SOCKET } from "../../../../agent/contract/notebook.js";
import {
  MPI_BEAT_SECONDS,
  MPI_KERNELS_PATH,
  MpiKernelPlace,
} from "../../../../agent/contract/notebook-mpi.js";
import { AGENT_FILES } from "../../../../agent/image/agent-layer.js";

const read = (name: string): string => readFileSync(`agent/kernels/${name}`, "utf8");

test("the image has all of the kernels' files", () => {
  const there = readdirSync("agent/kernels", { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".pyc") && entry.name !== "README.md")
    .map((entry) => `${entry.parentPath}/${entry.name}`);
  const sources = AGENT_FILES.map(({ source }) => source).filter((name) => name.startsWith("agent/kernels/"));
  expect([...new Set(sources)].sort()).toEqual(there.sort());
});

test("kernels say to the agent what the contract says", () => {
  expect(read("muster_kernels/agent.py")).toContain(`SOCKET = "${NOTEBOOK_SOCKET}"`);
  expect(read("muster_kernels/agent.py")).toContain(`KERNELS_PATH = "${MPI_KERNELS_PATH}"`);
  expect(read("muster_kernels/hold.py")).toContain(`BEAT_SECONDS = ${MPI_BEAT_SECONDS}.0`);
  const fields = Object.keys(MpiKernelPlace.properties);
  const modules = ["session", "ranks", "launch"].map((name) => read(`muster_kernels/${name}.py`)).join("\n");
  for (const [, field] of modules.matchAll(/place\["(\w+)"\]/g)) expect(fields).toContain(field);
});

test("JupyterLab listens on loopback alone, below the path that is passed on to it, by what the agent says", () => {
  const server = read("notebook-server.sh");
  expect(server).toContain("--ServerApp.ip=127.0.0.1");
  expect(server).toContain(`--ServerApp.base_url=${NOTEBOOK_BASE_PATH}`);
  expect(read("muster-jupyter.service")).toContain("EnvironmentFile=/run/muster-notebook/jupyter.env");
});

test("JupyterLab ends kernels that are idle, in an open tab too, and none that computes", () => {
  const settings = read("jupyter/jupyter_server_config.py");
  expect(settings).toContain("cull_busy = False");
  expect(settings).toContain("cull_connected = True");
  expect(settings).toContain("buffer_offline_messages = True");
});

test("the unit runs as the job user, and what it started ends with it", () => {
  const unit = read("muster-jupyter.service");
  expect(unit).toContain(`User=${JOB_USER.name}\n`);
  expect(unit).toContain("KillMode=mixed");
  expect(unit).toMatch(/^MemoryMax=/m);
  expect(unit).toContain("NoNewPrivileges=yes");
});
