import { setFlagsFromString } from "node:v8";

/**
 * What an agent needs no more once it has started: the engine's last compiler, which takes 5 MB and gives an agent little, and code that ran
 * once, at the start. As arguments of Node.js they would cost the start: the compiled code that it has of its own modules is of other flags, and so
 * would each of them be compiled anew.
 */
const STARTED_FLAGS = ["--no-opt", "--bytecode-old-age=1"] as const;

/** Call it when the agent has started. May run twice. */
export function settleEngine(): void {
  for (const flag of STARTED_FLAGS) setFlagsFromString(flag);
}
