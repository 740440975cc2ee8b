import type { MusterConfig } from "../../../stacks/config/load.js";
import { unusable } from "../core/exit.js";
import type { World } from "../core/world.js";

/** The whole muster.yaml, checked. Throws CommandError with every problem. */
export async function readConfig(world: Pick<World, "env" | "readFile">): Promise<MusterConfig> {
  // Loaded late: other commands need only the org's name.
  const { parseMusterConfig } = await import("../../../stacks/config/load.js");
  const { ConfigError } = await import("../../../stacks/config/problem.js");
  const path = world.env["MUSTER_CONFIG"] ?? "muster.yaml";
  try {
    return parseMusterConfig(Buffer.from(world.readFile(path)).toString("utf8"), path, world.readFile);
  } catch (error) {
    if (error instanceof ConfigError) throw unusable(error.message.split("\n"));
    throw unusable([`${path} can't be read: ${(error as Error).message}`]);
  }
}
