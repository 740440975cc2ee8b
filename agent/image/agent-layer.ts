import { constants } from "node:fs";
import { chmod, copyFile, mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

/** A client of the SDK that the agent reads at its first use. */
const rareClient = (name: string) => ({
  source: `dist/agent/muster-agent-${name}.cjs`,
  target: `usr/lib/muster/muster-agent-${name}.cjs`,
  mode: 0o644,
});

/** The agent's files: where they are in the project (after the build) and where an image has them. */
export const AGENT_FILES = [
  { source: "dist/agent/muster-agent.cjs", target: "usr/lib/muster/muster-agent.cjs", mode: 0o644 },
  ...["auto-scaling", "ec2", "sts"].map(rareClient),
  { source: "agent/launcher/launch.sh", target: "usr/lib/muster/launch", mode: 0o755 },
  { source: "agent/launcher/rank.sh", target: "usr/lib/muster/rank", mode: 0o755 },
  { source: "agent/launcher/rank.py", target: "usr/lib/muster/rank.py", mode: 0o644 },
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
