import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { OLDEST_NODE } from "../../../scripts/build/oldest-node.js";
import { startAnsweringRegistry } from "../../support/cli/answering-registry.js";
import { byTurns } from "../median.js";
import type { BenchPart } from "../part.js";
import { nodeMs } from "../provider/bare.js";
import { type Measured, timesAtMost } from "../row.js";

/** A start's own time may be so many times that of a Node.js that does nothing. */
const MOST_TIMES = 1.5;

/** How soon the command is there, beside a Node.js that does nothing, and one that makes the command's calls of AWS and nothing else. */
export const commandPart: BenchPart = {
  name: "command",
  needs: "anything",
  async measure({ projectRoot, work, sizes }) {
    const muster = join(projectRoot, "dist/cli/muster.cjs");
    const calls = await bundleCalls(projectRoot, work);
    const registry = await startAnsweringRegistry();
    const { PATH } = process.env;
    const env = { PATH, HOME: work, ...registry.env };
    const list = [muster, "job", "list", ...registry.place];
    try {
      const taken = await byTurns(
        {
          bare: () => nodeMs(["-e", "0"], env),
          help: () => nodeMs([muster, "--help"], env),
          listHelp: () => nodeMs([muster, "job", "list", "--help"], env),
          calls: () => nodeMs([calls, ...registry.names], env),
          list: () => nodeMs(list, env),
          first: async () =>
            nodeMs(list, { ...env, XDG_CACHE_HOME: await mkdtemp(join(work, "nothing-kept-")) }),
        },
        sizes.runs,
      );
      return commandRows(taken);
    } finally {
      await registry.stop();
    }
  },
};

/** As small as the SDK's client for it can be. Returns the program. */
async function bundleCalls(root: string, work: string): Promise<string> {
  const outfile = join(work, "calls-process.cjs");
  await build({
    ...{ absWorkingDir: root, entryPoints: ["test/bench/command/calls-process.ts"], outfile },
    ...{ bundle: true, minify: true, platform: "node", format: "cjs", target: `node${OLDEST_NODE}` },
    ...{ mainFields: ["module", "main"], supported: { "dynamic-import": false }, logLevel: "warning" },
  });
  return outfile;
}

type Start = "bare" | "help" | "listHelp" | "calls" | "list" | "first";

/** The least of each counts: what the machine's other work adds is no part of it. */
export function commandRows(taken: Readonly<Record<Start, readonly number[]>>): readonly Measured[] {
  const least = (start: Start): number => Math.min(...taken[start]);
  const bare = { name: "node -e 0", value: least("bare") };
  const own = MOST_TIMES * bare.value;
  const limit = {
    name: `${MOST_TIMES}x node -e 0 + the calls alone`,
    value: own + least("calls") - bare.value,
  };
  const help = { unit: "ms", beside: bare, goal: timesAtMost(MOST_TIMES) } as const;
  return [
    { what: "muster --help", ours: least("help"), ...help },
    { what: "muster job list --help", ours: least("listHelp"), ...help },
    { what: "muster job list", unit: "ms", ours: least("list"), beside: limit, goal: timesAtMost(1) },
    { what: "muster job list, the first of a version", unit: "ms", ours: least("first"), beside: limit },
  ];
}
