import type { Command } from "commander";
import { EXIT, EXIT_HELP, failure } from "../core/exit.js";
import { createOutput } from "../core/output.js";
import type { World } from "../core/world.js";
import { renderCliConfig } from "../render/cli-config.js";
import type { Session } from "./context.js";

interface Options {
  readonly json?: boolean;
  readonly awsMirror?: string;
}

/** `muster tfrc` */
export function addTfrc(parent: Command, session: Session): void {
  const command = parent
    .command("tfrc")
    .summary("prints Terraform's CLI configuration, which says where Muster's provider is")
    .description(
      "prints Terraform's CLI configuration (TF_CLI_CONFIG_FILE): Muster's provider from the package that this command is part of, everything else from its registry.",
    )
    .option("--json", "print one JSON document on stdout, everything else on stderr")
    .option("--aws-mirror <folder>", "a folder that `terraform providers mirror` made, for the AWS provider")
    .addHelpText(
      "after",
      `\nExample:\n  $ muster tfrc > muster.tfrc && export TF_CLI_CONFIG_FILE=$PWD/muster.tfrc\n\n${EXIT_HELP}`,
    )
    .showHelpAfterError("(see `muster tfrc --help`)");
  command.action(async () => {
    const { world } = session;
    const { json = false, awsMirror } = command.opts<Options>();
    const out = createOutput(world, json);
    const mirror = ownMirror(world);
    const text = renderCliConfig(mirror, awsMirror);
    await out.print(text.trimEnd().split("\n"));
    await out.document({ mirror, awsMirror: awsMirror ?? null, text });
    session.exitCode = EXIT.done;
  });
}

/** The package's mirror is beside the command's folder. */
function ownMirror({ ownFolder, listFolder }: World): string {
  const mirror = `${ownFolder.replace(/[^/\\]+$/, "")}terraform-mirror`;
  try {
    listFolder(mirror);
    return mirror;
  } catch (error) {
    throw failure(
      `This muster comes without the Terraform provider: ${(error as Error).message}. Install the package \`muster\`, or run \`npm run build\` in a checkout.`,
    );
  }
}
