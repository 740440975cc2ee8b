import { afterAll } from "@jest/globals";
import { startEmulator, type TestEmulator } from "./emulator.js";
import { startMinistack } from "./ministack.js";

/** An AWS emulator that tests can start. */
export interface Emulator {
  readonly name: "moto" | "ministack";
  /** Starts a new, empty cloud. */
  readonly start: () => Promise<TestEmulator>;
}

/**
 * Two programs that share no code: what passes on both leans on neither's quirks. For
 * `describe.each(EMULATORS)("what is tested, on $name", ({ start }) => ...)`.
 */
export const EMULATORS: readonly Emulator[] = [
  { name: "moto", start: startEmulator },
  { name: "ministack", start: startMinistack },
];

/**
 * For a file with several describes on the same emulator: what it returns opens the thing once for each emulator, and gives the
 * same one to every describe. All are stopped after the file's last test. Call it at the file's top.
 */
export function shareByEmulator<T extends { stop(): Promise<void> }>(
  open: (start: Emulator["start"]) => Promise<T>,
): (start: Emulator["start"]) => Promise<T> {
  const opened = new Map<Emulator["start"], Promise<T>>();
  afterAll(async () => {
    for (const thing of opened.values()) await (await thing).stop();
  });
  return (start) => {
    const thing = opened.get(start) ?? open(start);
    opened.set(start, thing);
    return thing;
  };
}
