import { Command, CommanderError } from "commander";
import { visibleText } from "../../agent/contract/visible-text.js";
import { COMMANDS } from "./command-list.js";
import type { Session } from "./commands/context.js";
import { addLazily } from "./commands/lazy.js";
import { CommandError, EXIT, EXIT_HELP } from "./core/exit.js";
import type { World } from "./core/world.js";

/** The command, with those of its subcommands that are named; of the others it has the names. Actions set the session's exit code. */
async function createProgram(session: Session): Promise<Command> {
  const { stdout, say } = session.world;
  const program = new Command("muster")
    .description("Runs jobs on MPI clusters in your own AWS account, and shows their state.")
    .version(session.version)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => say(visibleText(text.trimEnd())),
    })
    .addHelpText(
      "after",
      ["", "Example:", "  $ muster job run --org demo --cluster alpha pi.py", "", PLACE_HELP, EXIT_HELP].join(
        "\n",
      ),
    );
  await addLazily(program, session, COMMANDS);
  return program;
}

const PLACE_HELP =
  "Org, region and cluster come from the options, else from the muster.yaml in the current folder. Endpoint and credentials come\nfrom the environment, as in any AWS program.";

/** Runs the command line to its end, and returns its exit status. Errors go to stderr. */
export async function runMuster(argv: readonly string[], world: World, version: string): Promise<number> {
  const session: Session = {
    ...{ world, version, exitCode: EXIT.done },
    isNamed: (word) => argv.includes(word),
  };
  try {
    const program = await createProgram(session);
    await program.parseAsync([...argv], { from: "user" });
    return session.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.unusable;
    if (error instanceof CommandError) {
      world.say(visibleText(error.message));
      return error.exitCode;
    }
    const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
    world.say(visibleText(`${name}: ${message}. This error is unexpected.`));
    return EXIT.failed;
  }
}
