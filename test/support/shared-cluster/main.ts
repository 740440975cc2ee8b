import { rmSync } from "node:fs";
import { join } from "node:path";
import { placeJourney } from "../../../scripts/journey/place.js";
import { cloudDown } from "../../../scripts/local/down.js";
import { DEFAULT_REGION } from "../../../scripts/local/state.js";
import { SHARED_CLOUD } from "./place.js";

// Takes the shared cluster's cloud down, if it is there. Exit status 1: something is left, as stderr says.

const { workspace } = placeJourney(join(import.meta.dirname, "../../.."), SHARED_CLOUD, DEFAULT_REGION);
const { leftovers } = await cloudDown(SHARED_CLOUD);
rmSync(workspace.folder, { recursive: true, force: true });
for (const left of leftovers) console.error(`left behind: ${left}`);
if (leftovers.length > 0) process.exitCode = 1;
