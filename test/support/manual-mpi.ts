import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { CloudPlaces } from "../../scripts/local/hosts/cloud.js";
import { inNode } from "../../scripts/local/hosts/exec.js";

/**
 * mpiexec in the first instance's node over all given ones, where this process, not ssh, starts the proxies: `-launcher
 * manual` prints one command per host. Gives mpiexec's stdout lines that are not the launcher's; 60 s at most.
 */
export function runMpi(
  places: CloudPlaces,
  hosts: readonly { readonly id: string; readonly address: string }[],
  argv: readonly string[],
): Promise<{ exitCode: number | null; lines: string[] }> {
  const [head] = hosts;
  if (head === undefined) throw new Error("no hosts");
  const names = hosts.map(({ address }) => address).join(",");
  const asUser = [
    "setpriv",
    "--reuid",
    "muster",
    "--regid",
    "muster",
    "--clear-groups",
    "env",
    "HOME=/home/muster",
  ];
  const mpiexec = ["mpiexec", "-launcher", "manual", "-hosts", names, ...argv];
  const proxies: ChildProcess[] = [];
  return new Promise((resolve, reject) => {
    const child = start(places, head.id, [...asUser, ...mpiexec]);
    const lines: string[] = [];
    const timer = setTimeout(() => child.kill("SIGKILL"), 60_000);
    createInterface({ input: child.stdout ?? process.stdin }).on("line", (line) => {
      const launch = /^HYDRA_LAUNCH: (.*)$/.exec(line)?.[1];
      const host = hosts[proxies.length];
      if (launch !== undefined && host !== undefined) {
        proxies.push(start(places, host.id, [...asUser, ...launch.trim().split(/\s+/)]));
      } else if (!line.startsWith("HYDRA_LAUNCH_END")) lines.push(line);
    });
    child.once("error", reject);
    child.once("close", (exitCode) => {
      clearTimeout(timer);
      for (const proxy of proxies) proxy.kill("SIGKILL");
      resolve({ exitCode, lines });
    });
  });
}

function start(places: CloudPlaces, instanceId: string, argv: readonly string[]): ChildProcess {
  const [first, ...rest] = argv;
  const command = inNode(places, instanceId, [first ?? "", ...rest]);
  const [program, ...args] = command.argv;
  return spawn(program, args, { env: { ...command.env }, stdio: ["ignore", "pipe", "inherit"] });
}
