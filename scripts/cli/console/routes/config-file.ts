import { createHash } from "node:crypto";
import type { RouteDeps } from "../deps.js";

/** Where muster.yaml is. */
export const configPath = ({ world }: Pick<RouteDeps, "world">): string =>
  world.env["MUSTER_CONFIG"] ?? "muster.yaml";

/** The text of muster.yaml; null: it can't be read. */
export function readConfigText(deps: Pick<RouteDeps, "world">): string | null {
  return textOf(deps, configPath(deps));
}

/** Whether cdktf runs in the folder where the console was started. */
export const hasProject = (deps: Pick<RouteDeps, "world">): boolean =>
  readConfigText(deps) !== null && textOf(deps, "cdktf.json") !== null;

export const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");

function textOf({ world }: Pick<RouteDeps, "world">, path: string): string | null {
  try {
    return Buffer.from(world.readFile(path)).toString("utf8");
  } catch {
    return null;
  }
}
