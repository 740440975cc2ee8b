import { startEmulator, type TestEmulator } from "../emulator.js";
import type { Emulator } from "../emulators.js";
import { buildTestMirror, type TestMirror } from "./mirror.js";
import { createOrg, type TestOrg } from "./org.js";
import { createWorkspace, type Workspace } from "./terraform.js";

/** What a test of the provider stands on: the provider as it is now, an emulated AWS, and an org in it. */
export interface Setting {
  readonly mirror: TestMirror;
  readonly emulator: TestEmulator;
  readonly org: TestOrg;
  /** A workspace of its own, which goes with the setting; `env` over what the emulator needs. */
  workspace(env?: Readonly<Record<string, string>>): Promise<Workspace>;
  stop(): Promise<void>;
}

/** Starts one, with the org "acme". Once for each emulator (default: moto), in beforeAll; stop it in afterAll. */
export async function startSetting(start: Emulator["start"] = startEmulator): Promise<Setting> {
  const [mirror, emulator] = await Promise.all([buildTestMirror(), start()]);
  const org = await createOrg(emulator, "acme");
  const workspaces: Workspace[] = [];
  return {
    mirror,
    emulator,
    org,
    async workspace(env = {}) {
      const workspace = await createWorkspace(mirror.folder, { ...emulator.env, ...env });
      workspaces.push(workspace);
      return workspace;
    },
    async stop() {
      await Promise.all([mirror.remove(), emulator.stop(), ...workspaces.map(({ remove }) => remove())]);
    },
  };
}
