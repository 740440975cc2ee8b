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
