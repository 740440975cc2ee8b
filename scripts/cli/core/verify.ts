import { hostfilePath } from "../../../agent/contract/names.js";
import type { ClusterItem } from "../../../agent/contract/registry.js";
import type { ProgramEnd } from "./programs.js";

/** What a cluster is to answer, from any of its nodes. */
export type Expected = Pick<ClusterItem, "uuid" | "cores" | "hostfileNodes">;

/** One command that a person would type on a node after logging in. */
export interface Check {
  readonly name: "hostfile" | "ranks" | "python";
  readonly command: string;
  /** What is wrong with what it printed; null: nothing. */
  problem(stdout: string): string | null;
}

const linesOf = (text: string): readonly string[] => text.split("\n").filter((line) => line !== "");
const SHOWN = 200;

/** The three checks of a connection: the hostfile is there, a rank runs on every core of every node, and each of them has Python. Pure. */
export function checksOf({ uuid, cores, hostfileNodes }: Expected): readonly Check[] {
  const hostfile = hostfilePath(uuid);
  const across = `mpiexec -n ${cores} -f ${hostfile}`;
  return [
    { name: "hostfile", command: `ls -la ${hostfile}`, problem: () => null },
    {
      name: "ranks",
      command: `${across} hostname`,
      problem: (stdout) => {
        const lines = linesOf(stdout);
        const names = new Set(lines).size;
        return lines.length === cores && names === hostfileNodes
          ? null
          : `it printed ${lines.length} lines with ${names} host names, and not ${cores} with ${hostfileNodes}`;
      },
    },
    {
      name: "python",
      command: `${across} python --version`,
      problem: (stdout) => {
        const lines = linesOf(stdout);
        const versions = [...new Set(lines)];
        const isOne = versions.length === 1 && /^Python \d/.test(versions[0] ?? "");
        return lines.length === cores && isOne
          ? null
          : `it printed ${lines.length} lines (${versions.join(", ").slice(0, SHOWN)}), and not ${cores} times one version of Python`;
      },
    },
  ];
}

/** What is wrong with a check, in one line; null: nothing. Pure. */
export function judge(
  { problem }: Pick<Check, "problem">,
  end: ProgramEnd,
  timeoutMs: number,
): string | null {
  if (end.isLate) return `was not done after ${timeoutMs / 1000} s`;
  if (end.exitCode !== 0) {
    const said = linesOf(end.stderr).at(-1)?.trim().slice(0, SHOWN) ?? "";
    return `ended with ${end.exitCode ?? "a signal"}${said === "" ? "" : `: ${said}`}`;
  }
  return problem(end.stdout);
}
