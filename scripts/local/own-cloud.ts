import { beforeSignal } from "../system/before-signal.js";
import { holdAlone } from "../system/only-run.js";
import { cloudDown } from "./down.js";

/**
 * Before a program makes the local cloud `name` anew: no other run of it makes the same until this process ends, or gives it back by what
 * this returns; and a signal takes the cloud down before it ends the process. `onSignal` hears of it first. Throws where another run is on
 * this machine.
 */
export async function ownCloud(
  program: string,
  name: string,
  onSignal: () => void = () => undefined,
): Promise<() => Promise<void>> {
  const release = await holdAlone(program);
  const forget = beforeSignal(async (signal) => {
    onSignal();
    console.error(`${signal}: removing the local cloud "${name}"`);
    await cloudDown(name);
  });
  return async () => {
    forget();
    await release();
  };
}
