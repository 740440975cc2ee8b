import { readFileSync } from "node:fs";
import { readOwnPackage } from "../../../scripts/cli/core/project-package.js";
import type { FakeWorld } from "./fake-world.js";

const PACKAGE = readFileSync("package.json");

/** The package that the command is part of. */
export const OWN_PACKAGE = readOwnPackage(PACKAGE.toString());

/** Puts the package's files where the world's command is. */
export function installOwnPackage(world: FakeWorld): void {
  for (const name of OWN_PACKAGE.files) world.files.set(`/opt/muster/${name}`, Buffer.from(name));
  world.files.set("/opt/muster/package.json", PACKAGE);
}
