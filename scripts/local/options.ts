import { readCommandLine } from "../system/command-line.js";
import { NODE_FAULTS, type NodeFault } from "./hosts/faults.js";
import { DEFAULT_CLOUD, DEFAULT_REGION } from "./state.js";

export const CLI_HELP = `./scripts/local/cloud COMMAND [--name NAME] [--json]: a cloud on this machine, without an AWS account

  up [--region R] [--nodes N]
                      start it; prints the environment that makes it your AWS: eval "$(./scripts/local/cloud up)"
                      --nodes: raise this machine's limits for so many nodes now, or fail; else they rise with the nodes
  down                end it, and remove everything of it
  status              what runs
  nodes               its nodes
  exec NODE -- CMD    run a command as root inside a node
  console NODE        what a node wrote on its console
  kill NODE           power loss: the node is gone at once
  cut, uncut NODE     pull out its network cable, put it back
  freeze, thaw NODE   hang it, let it go on

NODE is an instance id, an address or a host name. --name: several clouds can run at once (default "default").
It needs Linux and root. Exit status: 0 done, 1 failed, 2 unusable arguments; exec: the command's own.`;

type CliCommand = "up" | "down" | "status" | "nodes" | "exec" | "console" | "help" | NodeFault;

export interface CliOptions {
  readonly command: CliCommand;
  readonly name: string;
  readonly region: string;
  /** 0 where it is not given. */
  readonly nodes: number;
  readonly json: boolean;
  /** "" where the command takes none. */
  readonly node: string;
  /** What exec is to run. */
  readonly argv: readonly string[];
}

const SPEC = {
  name: { type: "string" },
  region: { type: "string" },
  nodes: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;
const FAULTS = Object.keys(NODE_FAULTS);
const WITH_NODE = ["exec", "console", ...FAULTS];
const COMMANDS = ["up", "down", "status", "nodes", ...WITH_NODE];

/** The options, or every problem with them. What stands after `--` is for exec alone. */
export function parseCliOptions(
  args: readonly string[],
): CliOptions | { readonly problems: readonly string[] } {
  const end = args.indexOf("--");
  const own = end < 0 ? args : args.slice(0, end);
  const argv = end < 0 ? [] : args.slice(end + 1);
  const line = readCommandLine(own, SPEC);
  const [word = "", node = "", ...more] = line.positionals;
  const { name = DEFAULT_CLOUD, region = DEFAULT_REGION, nodes: nodesText = "0", json, help } = line.values;
  const nodes = Number(nodesText);
  const problems = [
    ...line.problems,
    ...(Number.isSafeInteger(nodes) && nodes >= 0 ? [] : [`--nodes is "${nodesText}": give a whole number`]),
    ...(help ? [] : commandProblems(word, node, more, argv)),
  ];
  if (problems.length > 0) return { problems };
  return { command: help ? "help" : (word as CliCommand), name, region, nodes, json, node, argv };
}

function commandProblems(
  command: string,
  node: string,
  more: readonly string[],
  argv: readonly string[],
): string[] {
  if (command === "") return ["a command is missing"];
  if (!COMMANDS.includes(command)) {
    return [`unknown command "${command}": it is one of ${COMMANDS.join(", ")}`];
  }
  const takesNode = WITH_NODE.includes(command);
  const extra = takesNode ? more : [node, ...more].filter((word) => word !== "");
  return [
    ...(takesNode && node === "" ? [`${command} needs a node`] : []),
    ...extra.map((word) => `unexpected "${word}"`),
    ...(command === "exec" && argv.length === 0 ? ["exec needs a command after --"] : []),
    ...(command !== "exec" && argv.length > 0 ? [`${command} takes no command after --`] : []),
  ];
}
