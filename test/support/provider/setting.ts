import { startEmulator, type TestEmulator } from "../emulator.js";
import type { Emulator } from "../emulators.js";
import { type AttachedProvider, startAttachedProvider } from "./attached.js";
import { buildTestMirror, type TestMirror } from "./mirror.js";
import { createOrg, type TestOrg } from "./org.js";
import { createWorkspace, type Workspace } from "./terraform.js";

/** What a test of the provider stands on: the provider as it is now, an emulated AWS, and an org in it. */
export interface Setting {
  readonly mirror: TestMirror;
  readonly emulator: TestEmulator;
  readonly org: TestOrg;
  /**
   * A workspace of its own, which goes with the setting; `env` over what the emulator needs. Its runs attach to one provider that
   * stays; those that are given an environment, or are cut short, start their own, as all do in a workspace with an `env`.
   */
  workspace(env?: Readonly<Record<string, string>>): Promise<Workspace>;
  stop(): Promise<void>;
}

/** Starts one, with the org "acme". Once for each emulator (default: moto), in beforeAll; stop it in afterAll. */
export async function startSetting(start: Emulator["start"] = startEmulator): Promise<Setting> {
  const [mirror, emulator] = await Promise.all([buildTestMirror(), start()]);
  const org = await createOrg(emulator, "acme");
  const workspaces: Workspace[] = [];
  let attached: Promise<AttachedProvider> | null = null;
  const attach = async () => {
    attached ??= startAttachedProvider(emulator.env);
    return (await attached).env;
  };
  return {
    mirror,
    emulator,
    org,
    async workspace(env) {
      const workspace = await (env === undefined
        ? createWorkspace(mirror.folder, emulator.env, await attach())
        : createWorkspace(mirror.folder, { ...emulator.env, ...env }));
      workspaces.push(workspace);
      return workspace;
    },
    async stop() {
      await (await attached)?.stop();
      await Promise.all([mirror.remove(), emulator.stop(), ...workspaces.map(({ remove }) => remove())]);
    },
  };
}
