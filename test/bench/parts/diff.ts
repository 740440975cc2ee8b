import { join } from "node:path";
import { runCdktf } from "../../../scripts/journey/cdktf.js";
import { runCommand } from "../../../scripts/system/command.js";
import type { BenchPart } from "../part.js";
import type { Measured } from "../row.js";

/** `cdktf diff` of a cluster that is as it was declared, beside Terraform's own plan of the same stack. */
export const diffPart = (nodes: number): BenchPart => ({
  name: "diff",
  needs: "root",
  async measure({ clusterOf, projectRoot, ready }) {
    const { place } = await clusterOf(nodes);
    const { workspace } = place;
    const env = { ...process.env, ...ready.env };
    const stack = `muster_${workspace.org}_${workspace.clusterName}`;
    const lines: string[] = [];
    const startedAtMs = performance.now();
    await runCdktf(
      "diff",
      {
        ...{ workspace, projectRoot, env: ready.env, signal: new AbortController().signal },
        onLine: (line) => void lines.push(line),
      },
      stack,
    );
    const seconds = (performance.now() - startedAtMs) / 1_000;
    if (!lines.some((line) => line.includes("No changes")))
      throw new Error(`The cluster is not as it was declared:\n${lines.slice(-20).join("\n")}`);
    const planFromMs = performance.now();
    await runCommand(["terraform", "plan", "-input=false", "-no-color"], {
      ...{ cwd: join(workspace.outputFolder, "stacks", stack), env, timeoutSeconds: 120 },
    });
    return [diffRow({ ours: seconds, plan: (performance.now() - planFromMs) / 1_000 })];
  },
});

const diffRow = ({ ours, plan }: Readonly<Record<"ours" | "plan", number>>): Measured => ({
  ...{ what: "cdktf diff without a change", unit: "s", ours },
  beside: { name: "terraform plan of the same", value: plan },
});
