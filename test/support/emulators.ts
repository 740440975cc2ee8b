import { startEmulator, type TestEmulator } from "./emulator.js";

/** An emulated AWS that the ports' suites run on. */
export interface EmulatorKind {
  readonly name: string;
  /** Starts an empty one. */
  start(): Promise<TestEmulator>;
}

/** All of them. One more is one more entry: every suite of test/integration/ports then runs on it too. */
export const EMULATORS: readonly EmulatorKind[] = [{ name: "moto", start: startEmulator }];
