import { join } from "node:path";
import { byTurns } from "../median.js";
import type { BenchPart } from "../part.js";
import { nodeMs } from "../provider/bare.js";
import { type Measured, timesAtMost } from "../row.js";

/** How soon the command is there, beside a Node.js that does nothing. */
export const commandPart: BenchPart = {
  name: "command",
  needs: "anything",
  async measure({ projectRoot, sizes }) {
    const muster = join(projectRoot, "dist/cli/muster.cjs");
    const taken = await byTurns(
      {
        bare: () => nodeMs(["-e", "0"]),
        help: () => nodeMs([muster, "--help"]),
        list: () => nodeMs([muster, "job", "list", "--help"]),
      },
      sizes.runs,
    );
    return commandRows(taken);
  },
};

/** The least of each counts: what the machine's other work adds is no part of it. */
export function commandRows({
  bare,
  help,
  list,
}: Readonly<Record<"bare" | "help" | "list", readonly number[]>>): readonly Measured[] {
  const beside = { name: "node -e 0", value: Math.min(...bare) };
  return [
    { what: "muster --help", unit: "ms", ours: Math.min(...help), beside, goal: timesAtMost(1.5) },
    { what: "muster job list --help", unit: "ms", ours: Math.min(...list), beside, goal: timesAtMost(1.5) },
  ];
}
