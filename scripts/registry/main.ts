import { once } from "node:events";
import { join, resolve } from "node:path";
import { renderRegistryConfig } from "../cli/render/cli-config.js";
import { serveRegistry } from "../package/serve-registry.js";
import { developersCommand, runToEnd } from "../system/command-line.js";

runToEnd(
  developersCommand(
    "npm run --silent registry --",
    "Serves dist/registry (npm run package -- --sign KEY) on this machine until Ctrl-C, in the place of Terraform's registry, which it sends Terraform on to for all other providers. Prints the CLI configuration (TF_CLI_CONFIG_FILE) that says so.",
  )
    .option("--port <port>", "where to listen; default: any that is free", "0")
    .action(async ({ port }: { port: string }) => {
      const { url, stop } = await serveRegistry(
        join(resolve(import.meta.dirname, "../.."), "dist/registry"),
        Number(port),
      );
      process.stdout.write(renderRegistryConfig(url));
      await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
      await stop();
    }),
);
