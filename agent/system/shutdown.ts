import { run } from "./run.js";

/** The agent has seconds to end. */
const TIMEOUT_MS = 1_000;

/**
 * Whether this machine goes down, or restarts: systemd has queued that before it ends the first unit. Where it does not say so in time, it does not.
 * @see https://www.freedesktop.org/software/systemd/man/latest/systemctl.html#is-system-running
 */
export async function isShuttingDown(): Promise<boolean> {
  const state = await run("systemctl", ["show", "--property=SystemState", "--value"], TIMEOUT_MS).catch(
    () => "",
  );
  return state.trim() === "stopping";
}
