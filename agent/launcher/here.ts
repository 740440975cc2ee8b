import { AgentError } from "../errors.js";
import type { Launches } from "./launches.js";
import type { ForwardLaunch } from "./routes.js";

/** `elsewhere`, but for launches on this node: they need no connection of this agent to itself. */
export const unlessHere =
  (address: string, launches: Pick<Launches, "hold">, elsewhere: ForwardLaunch): ForwardLaunch =>
  async (host, launch, gone, onEvent) => {
    if (host !== address) return elsewhere(host, launch, gone, onEvent);
    const end = await launches.hold(launch.id, launch.argv, gone, onEvent);
    if (end === null) throw new AgentError("launch-failed", `${host}: nothing waits for the launch any more`);
    return end;
  };
