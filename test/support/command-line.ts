import type { Command } from "commander";

/** What came of a command line: what was said of arguments that can't be used, in its first line; "" where they can. */
export async function refusal(command: Command, argv: readonly string[]): Promise<string> {
  let said = "";
  const hear = (text: string): void => {
    said += text;
  };
  const output = { writeErr: hear, writeOut: () => undefined };
  for (const one of [command, ...command.commands]) one.configureOutput(output);
  await command.parseAsync([...argv], { from: "user" }).catch((error: Error) => {
    said ||= error.message;
  });
  return said.split("\n")[0] ?? "";
}
