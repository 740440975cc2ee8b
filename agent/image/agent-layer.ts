import { constants } from "node:fs";
import { chmod, copyFile, mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

/** A package that the agent reads at its first use. */
const rarePackage = (name: string) => ({
  source: `dist/agent/muster-agent-${name}.cjs`,
  target: `usr/lib/muster/muster-agent-${name}.cjs`,
  mode: 0o644,
});
/** The modules of the notebooks' kernels. */
const KERNEL_MODULES = [
  ...[
    "__init__",
    "__main__",
    "agent",
    "client",
    "ends",
    "fold",
    "folder",
    "hold",
    "kernel",
    "launch",
    "rank",
  ],
  ...["rank_names", "ranks", "render", "session", "specs", "start_failed", "terminals", "wire"],
] as const;

/** The agent's files: where they are in the project (after the build) and where an image has them. */
export const AGENT_FILES = [
  { source: "dist/agent/muster-agent.cjs", target: "usr/lib/muster/muster-agent.cjs", mode: 0o644 },
  {
    source: "dist/agent/muster-agent-program.js",
    target: "usr/lib/muster/muster-agent-program.js",
    mode: 0o644,
  },
  ...["auto-scaling", "ec2", "sts", "http-proxy"].map(rarePackage),
  { source: "docs/reference/openapi.json", target: "usr/lib/muster/openapi.json", mode: 0o644 },
  { source: "agent/launcher/launch.sh", target: "usr/lib/muster/launch", mode: 0o755 },
  { source: "agent/launcher/rank.sh", target: "usr/lib/muster/rank", mode: 0o755 },
  { source: "agent/launcher/rank.py", target: "usr/lib/muster/rank.py", mode: 0o644 },
  { source: "agent/launcher/rank_program.py", target: "usr/lib/muster/rank_program.py", mode: 0o644 },
  { source: "agent/launcher/rank_failure.py", target: "usr/lib/muster/rank_failure.py", mode: 0o644 },
  { source: "agent/sources/source.py", target: "usr/lib/muster/source.py", mode: 0o644 },
  { source: "agent/launcher/alone.py", target: "usr/lib/muster/alone.py", mode: 0o644 },
  { source: "agent/launcher/mpiexec.sh", target: "usr/local/bin/mpiexec", mode: 0o755 },
  { source: "agent/launcher/mpiexec.sh", target: "usr/local/bin/mpirun", mode: 0o755 },
  {
    source: "agent/image/muster-agent.service",
    target: "etc/systemd/system/muster-agent.service",
    mode: 0o644,
  },
  {
    source: "agent/kernels/muster-jupyter.service",
    target: "etc/systemd/system/muster-jupyter.service",
    mode: 0o644,
  },
  { source: "agent/kernels/notebook-server.sh", target: "usr/lib/muster/notebook-server", mode: 0o755 },
  ...[
    "jupyter_server_config.py",
    "labconfig/page_config.json",
    "kernels/python3/kernel.json",
    "kernels/muster-mpi/kernel.json",
  ].map((name) => ({
    source: `agent/kernels/jupyter/${name}`,
    target: `usr/lib/muster/jupyter/${name}`,
    mode: 0o644,
  })),
  ...KERNEL_MODULES.map((name) => ({
    source: `agent/kernels/muster_kernels/${name}.py`,
    target: `usr/lib/muster/python/muster_kernels/${name}.py`,
    mode: 0o644,
  })),
  { source: "dist/cli/muster.cjs", target: "usr/lib/muster/muster.cjs", mode: 0o644 },
  { source: "agent/kernels/muster.sh", target: "usr/bin/muster", mode: 0o755 },
] as const;

/**
 * Writes the agent into `folder`, as the tree that an image has. The folder is a layer of its own, so that a change of the agent
 * needs no new base image. Replaces its contents. Fails, naming the file, if the agent was not built.
 */
export async function writeAgentLayer(projectFolder: string, folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  for (const { source, target, mode } of AGENT_FILES) {
    const path = join(folder, target);
    await mkdir(dirname(path), { recursive: true, mode: 0o755 });
    await copyFile(join(projectFolder, source), path, constants.COPYFILE_FICLONE).catch((error: Error) => {
      throw new Error(
        `The agent's ${source} can't be put into the image (${error.message}). Run npm run build.`,
      );
    });
    await chmod(path, mode);
  }
}
