import { join } from "node:path";
import { hourlyUsd } from "./ceiling.js";
import { declare, moreNodes } from "./declaration.js";
import { askJson, done, type Stage } from "./stage.js";
import type { Step } from "./step.js";

/** What a package has, as it is packed. */
const PARTS = ["provider", "cli", "agent", "layer", "recipe", "library"] as const;

/** Up to the question: it makes a folder on this machine, and nothing in the account. */
export function openingSteps(stage: Stage): readonly Step[] {
  const { place, project } = stage;
  return [
    {
      ...{ name: "place", title: `${place.name} is there` },
      async run() {
        await stage.open();
        stage.account = await stage.aws.caller();
        return `account ${stage.account}`;
      },
    },
    {
      ...{ name: "package", title: "the package is built" },
      async run(signal) {
        await done(stage, ["npm", "run", "--silent", "build", "--", ...PARTS], signal, stage.checkout);
        return "";
      },
    },
    {
      ...{ name: "init", title: "muster init, npm install" },
      async run(signal) {
        const muster = join(stage.checkout, "dist/cli/muster.cjs");
        const where = ["--org", project.org, "--region", project.region] as const;
        await done(stage, [process.execPath, muster, "init", ...where], signal);
        await done(stage, ["npm", "install", "--prefer-offline", "--no-audit", "--no-fund"], signal);
        const path = join(project.folder, "muster.yaml");
        await stage.writeFile(path, declare(await stage.readFile(path), stage.declaration));
        await stage.writeFile(
          join(project.folder, "pi.py"),
          await stage.readFile(join(stage.checkout, "examples/pi.py")),
        );
        return project.folder;
      },
    },
    {
      ...{ name: "check", title: "muster check" },
      async run(signal) {
        const { lines } = await done(stage, ["npx", "--no-install", "muster", "check"], signal);
        return lines.trim().split("\n").at(-1) ?? "";
      },
    },
    {
      ...{ name: "cost", title: "muster cost" },
      async run(signal) {
        const cost = (await askJson(stage, ["cost", ...prices(stage)], signal)) as Parameters<
          typeof hourlyUsd
        >[0];
        stage.usdPerHour = hourlyUsd(cost, moreNodes(stage.declaration));
        return stage.usdPerHour === null
          ? "a price is not known"
          : `${stage.usdPerHour.toFixed(2)} USD an hour with all nodes, the notebook's too`;
      },
    },
  ];
}

/** The flags that name the place's prices. */
export const prices = ({ place }: Pick<Stage, "place">): readonly string[] =>
  place.prices === null ? [] : ["--prices", place.prices];
