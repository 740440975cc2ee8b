import { App } from "cdktf";
import { declareStacks } from "./app.js";
import { loadMusterConfig } from "./config/load.js";
import { ConfigError } from "./config/problem.js";
import { withoutTokenStacks } from "./token-stacks.js";

/**
 * What cdktf runs: muster.yaml in, Terraform configuration out. `finish` gets the synthesised app. The problems of a muster.yaml go to stderr,
 * and the exit status is 1 then.
 */
export function runApp(finish: (app: App) => void = () => undefined): void {
  try {
    const config = loadMusterConfig();
    const app = new App();
    withoutTokenStacks(() => {
      declareStacks(app, config);
      app.synth();
    });
    finish(app);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
