import { join } from "node:path";
import { App } from "cdktf";
import { declareStacks } from "./app.js";
import { loadMusterConfig } from "./config/load.js";
import { ConfigError } from "./config/problem.js";
import { withoutTokenStacks } from "./token-stacks.js";

/**
 * What cdktf runs: muster.yaml in, Terraform configuration out. `finish` gets the folders of the stacks, one each. The problems of a
 * muster.yaml go to stderr, and the exit status is 1 then.
 */
export function runApp(finish: (stackFolders: readonly string[]) => void = () => undefined): void {
  try {
    const config = loadMusterConfig();
    const app = new App();
    withoutTokenStacks(() => {
      declareStacks(app, config);
      app.synth();
    });
    finish(
      Object.values(app.manifest.stacks).map(({ workingDirectory }) => join(app.outdir, workingDirectory)),
    );
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
