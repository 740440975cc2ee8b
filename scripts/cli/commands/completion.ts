import { Argument, Command } from "commander";
import { type CompletedCommand, renderCompletion, SHELLS, type Shell } from "../core/completion.js";
import { EXIT, EXIT_HELP } from "../core/exit.js";
import { createOutput } from "../core/output.js";
import type { Session } from "./context.js";
import type { LazyCommand } from "./lazy.js";

/** `muster completion`, of the commands that there are. */
export function addCompletion(parent: Command, session: Session, all: readonly LazyCommand[]): void {
  const command = parent
    .command("completion")
    .summary("prints the script that completes muster's words in your shell")
    .description(
      "Prints the script that completes muster's words in your shell. The script starts no program.",
    )
    .addArgument(new Argument("<shell>", "your shell").choices(SHELLS))
    .option("--json", "print the words as one JSON document on stdout, everything else on stderr")
    .addHelpText(
      "after",
      `\nExample:\n  $ muster completion bash > ~/.local/share/bash-completion/completions/muster\n\n${EXIT_HELP}`,
    )
    .showHelpAfterError("(see `muster completion --help`)");
  command.action(async (shell: Shell) => {
    const out = createOutput(session.world, command.opts<{ json?: boolean }>().json ?? false);
    const words = await everyWord(session, all);
    await out.print(renderCompletion(shell, words));
    await out.document(words);
    session.exitCode = EXIT.done;
  });
}

async function everyWord(session: Session, all: readonly LazyCommand[]): Promise<CompletedCommand> {
  const root = new Command("muster").enablePositionalOptions();
  for (const { name, add } of all) {
    if (name !== "completion") await add(root, { ...session, isNamed: () => true });
  }
  return described(root);
}

const described = (command: Command): CompletedCommand => ({
  name: command.name(),
  options: command.options.flatMap(({ long, hidden }) =>
    long === undefined || long === null || hidden ? [] : [long],
  ),
  commands: command.commands.map(described),
});
