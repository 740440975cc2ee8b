import { resolve } from "node:path";
import { developersCommand, runToEnd } from "../system/command-line.js";
import { packageRelease } from "./release.js";

runToEnd(
  developersCommand(
    "npm run package",
    "Writes the provider's release to dist/release, as Terraform registries take it, and prints the files. The same sources give the same bytes.",
  ).action(async () => {
    for (const file of await packageRelease(resolve(import.meta.dirname, "../.."))) console.log(file);
  }),
);
