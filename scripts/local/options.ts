import type { Command } from "commander";
import { developersCommand, wholeNumber, withStatus } from "../system/command-line.js";
import { NODE_FAULTS, type NodeFault } from "./hosts/faults.js";
import { DEFAULT_CLOUD, DEFAULT_REGION } from "./state.js";

/** What every command of the local cloud takes. */
export interface CloudOptions {
  /** The cloud's. */
  readonly name: string;
  readonly json?: true;
}

export interface UpCommandOptions extends CloudOptions {
  readonly region: string;
  /** 0 where it is not given. */
  readonly nodes: number;
}

/** What the commands do; each gives the exit status. `node` is an instance id, an address or a host name. */
export interface CloudCommands {
  up(options: UpCommandOptions): Promise<number>;
  down(options: CloudOptions): Promise<number>;
  status(options: CloudOptions): Promise<number>;
  nodes(options: CloudOptions): Promise<number>;
  exec(options: CloudOptions, node: string, argv: readonly string[]): Promise<number>;
  console(options: CloudOptions, node: string): Promise<number>;
  strike(fault: NodeFault, options: CloudOptions, node: string): Promise<number>;
}

const FAULT_HELP: Readonly<Record<NodeFault, string>> = {
  kill: "power loss: the node is gone at once",
  cut: "pull out its network cable",
  uncut: "put the cable back",
  freeze: "hang it",
  thaw: "let it go on",
};
const NODE_HELP = "an instance id, an address or a host name";
/** More than any machine carries. */
const MAX_NODES = 100_000;

/** The local cloud's command line. */
export function cloudCommand(commands: CloudCommands): Command {
  const program = developersCommand(
    "./scripts/local/cloud",
    "A cloud on this machine, without an AWS account. It needs Linux and root.",
  )
    .option("--name <name>", "which cloud: several can run at once", DEFAULT_CLOUD)
    .option("--json", "results as JSON on stdout")
    .addHelpText("after", "\nExit status: 0 done, 1 failed, 2 invalid arguments; exec: the command's own.");
  const add = (name: string, description: string): Command => program.command(name).description(description);
  /** Runs on the cloud's options alone. */
  const onCloud = (name: "down" | "status" | "nodes", description: string): void => {
    const command = add(name, description);
    command.action(withStatus(() => commands[name](command.optsWithGlobals())));
  };
  /** Runs on one of its nodes. */
  const onNode = (
    name: string,
    description: string,
    run: (options: CloudOptions, node: string) => Promise<number>,
  ): void => {
    const command = add(name, description).argument("<node>", NODE_HELP);
    command.action(withStatus((node: string) => run(command.optsWithGlobals(), node)));
  };

  const up = add(
    "up",
    'Starts it; prints the environment that makes it your AWS: eval "$(./scripts/local/cloud up)"',
  )
    .option("--region <region>", "the one region whose instances get nodes", DEFAULT_REGION)
    .option(
      "--nodes <n>",
      "raise this machine's limits for this many nodes now, or fail; else they rise with the nodes",
      wholeNumber(0, MAX_NODES),
      0,
    );
  up.action(withStatus(() => commands.up(up.optsWithGlobals())));
  onCloud("down", "Ends it, and removes everything of it.");
  onCloud("status", "Shows what runs.");
  onCloud("nodes", "Lists its nodes.");
  const exec = add("exec", "Runs a command as root inside a node: exec NODE -- COMMAND ...")
    .argument("<node>", NODE_HELP)
    .argument("<command...>", "the command and its arguments, after --");
  exec.action(
    withStatus((node: string, argv: readonly string[]) => commands.exec(exec.optsWithGlobals(), node, argv)),
  );
  onNode("console", "Shows what a node wrote on its console.", commands.console);
  for (const fault of Object.keys(NODE_FAULTS) as NodeFault[]) {
    const run = (options: CloudOptions, node: string) => commands.strike(fault, options, node);
    onNode(fault, `Fault: ${FAULT_HELP[fault]}.`, run);
  }
  return program;
}
