import { App } from "cdktf";
import { declareStacks } from "./app.js";
import { loadMusterConfig } from "./config/load.js";
import { ConfigError } from "./config/problem.js";

/** What cdktf runs: muster.yaml in, Terraform configuration out. */
function main(): void {
  const config = loadMusterConfig();
  const app = new App();
  declareStacks(app, config);
  app.synth();
}

try {
  main();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
