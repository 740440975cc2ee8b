import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { placeJourney } from "../../../scripts/journey/place.js";
import { cloudDown } from "../../../scripts/local/down.js";
import { DEFAULT_REGION } from "../../../scripts/local/state.js";
import { localRoot } from "../../../scripts/system/paths.js";
import { cloudsOf } from "./names.js";

// Takes the clouds of a suite of tests down, if any is there: main.ts SUITE. Exit status: 1 where something is left, as stderr says.

const namesIn = (folder: string): string[] =>
  existsSync(join(localRoot(), folder)) ? readdirSync(join(localRoot(), folder)) : [];

const isOurs = cloudsOf(process.argv[2] ?? "");
const names = new Set([...namesIn("clouds"), ...namesIn("workspaces")].filter(isOurs));
for (const name of names) {
  const { workspace } = placeJourney(join(import.meta.dirname, "../../.."), name, DEFAULT_REGION);
  const { leftovers } = await cloudDown(name);
  rmSync(workspace.folder, { recursive: true, force: true });
  for (const left of leftovers) console.error(`left behind: ${left}`);
  if (leftovers.length > 0) process.exitCode = 1;
}
