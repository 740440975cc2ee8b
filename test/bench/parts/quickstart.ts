import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "../../../scripts/system/command.js";
import type { BenchPart, BenchSetting } from "../part.js";
import { atMost, type Measured, timesAtMost } from "../row.js";

const LIMIT_SECONDS = 900;

/**
 * The quickstart, with what it downloads and builds once in the machine's cache, and with nothing there; beside a cdktf that deploys and
 * destroys two stacks without a resource.
 */
export const quickstartPart: BenchPart = {
  name: "quickstart",
  needs: "root",
  async measure(setting) {
    const { work, say } = setting;
    say("quickstart: two empty stacks");
    const empty = await emptyStacksSeconds(setting);
    say("quickstart: warm");
    const warm = await quickstartSeconds(setting, {});
    say("quickstart: cold");
    const cache = join(work, "cold");
    const cold = await quickstartSeconds(setting, { MUSTER_LOCAL_DIR: cache });
    await rm(cache, { recursive: true, force: true });
    return quickstartRows({ empty, warm, cold });
  },
};

/** Seconds of each. */
export const quickstartRows = ({
  empty,
  warm,
  cold,
}: Readonly<Record<"empty" | "warm" | "cold", number>>): readonly Measured[] => [
  {
    ...{ what: "quickstart, warm", unit: "s", ours: warm },
    beside: { name: "cdktf deploy + destroy, empty", value: empty },
    goal: timesAtMost(1.5),
  },
  { what: "quickstart, cold", unit: "s", ours: cold, goal: atMost(180) },
];

async function seconds(act: () => Promise<unknown>): Promise<number> {
  const startedAtMs = performance.now();
  await act();
  return (performance.now() - startedAtMs) / 1_000;
}

const quickstartSeconds = ({ projectRoot }: BenchSetting, env: NodeJS.ProcessEnv): Promise<number> =>
  seconds(() =>
    runCommand(["./scripts/quickstart", "--json"], {
      ...{ cwd: projectRoot, env: { ...process.env, ...env }, timeoutSeconds: LIMIT_SECONDS },
    }),
  );

const APP = `const { App, TerraformStack } = require("cdktf");
const app = new App();
new TerraformStack(app, "one");
new TerraformStack(app, "two");
app.synth();
`;

async function emptyStacksSeconds({ projectRoot, work, ready }: BenchSetting): Promise<number> {
  const folder = join(work, "empty");
  await mkdir(folder);
  const app = join(folder, "app.cjs");
  await writeFile(app, APP);
  const env = { ...process.env, ...ready.env, NODE_PATH: join(projectRoot, "node_modules"), CI: "1" };
  const cdktf = (command: string) =>
    runCommand(
      [
        ...([
          "npx",
          "--no-install",
          "cdktf",
          command,
          "*",
          "--auto-approve",
          "--skip-provider-lock",
        ] as const),
        ...["--app", `node ${app}`, "--output", join(folder, "cdktf.out")],
      ],
      { cwd: projectRoot, env, timeoutSeconds: LIMIT_SECONDS },
    );
  return seconds(async () => {
    await cdktf("deploy");
    await cdktf("destroy");
  });
}
