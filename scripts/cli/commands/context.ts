import { setMaxListeners } from "node:events";
import { type Command, InvalidArgumentError, Option } from "commander";
import { renderDuration } from "../../../agent/contract/duration.js";
import type { OrgPlace } from "../../../agent/contract/names.js";
import { findDeclared } from "../core/declared.js";
import { parseSeconds } from "../core/duration.js";
import { EXIT_HELP, TimedOutError } from "../core/exit.js";
import { createOutput, type Output } from "../core/output.js";
import {
  ATTACHED_PLACE,
  attachedSocket,
  type ClusterPlace,
  type PlaceOptions,
  placeFlags,
  resolveCluster,
  resolveOrg,
} from "../core/place.js";
import type { Access } from "../core/ports.js";
import type { World } from "../core/world.js";

/** One call of the command. */
export interface Session {
  readonly world: World;
  /** Whether the command line has the word, so that it may be a command's name. */
  isNamed(word: string): boolean;
  /** The command's own. */
  readonly version: string;
  /** Set by the action that ran. */
  exitCode: number;
}

/** The options that every command has. */
interface CommonOptions extends PlaceOptions {
  readonly json?: boolean;
  /** Seconds. */
  readonly timeout?: number;
}

/** What an action works with. */
export interface OrgContext {
  readonly world: World;
  readonly place: OrgPlace;
  readonly access: Access;
  readonly out: Output;
  /** Aborts when the time of --timeout is over. */
  readonly signal: AbortSignal;
  /** Options for further commands on the same place, with a leading blank. */
  readonly flags: string;
  /** What --timeout bounds is over: what comes now is no wait. */
  endWait(): void;
}
/** What an action works with that needs no org. */
export interface MachineContext extends Pick<OrgContext, "world" | "out" | "signal"> {
  /** An org in AWS. Makes no call. */
  open(place: OrgPlace): Promise<Access>;
}
export interface ClusterContext extends OrgContext {
  readonly place: ClusterPlace;
}

/** A command's introduction in its help. */
interface Introduction {
  readonly summary: string;
  /** More text, for the command's own help. */
  readonly more?: string;
  readonly example: string;
}

/** A command that works on an org: its options and its help. */
export function orgCommand(parent: Command, name: string, { summary, more, example }: Introduction): Command {
  const command = parent
    .command(name)
    .summary(summary)
    .description(more === undefined ? `${summary}.` : `${summary}.\n${more}`)
    .option("--org <name>", "the org; default: muster.yaml's")
    .option("--region <region>", "its AWS region; default: muster.yaml's, then AWS_REGION")
    .option(
      "--profile <name>",
      "the profile of the shared AWS configuration; default: AWS_PROFILE, else what the AWS SDKs find",
    )
    .option("--json", "print one JSON document on stdout, everything else on stderr")
    .addOption(
      secondsOption(
        "--timeout <time>",
        "stop waiting after this time: 90s, 15m, 2h (exit status 4); default: no limit",
      ),
    )
    .addHelpText("after", `\nExample:\n  $ ${example}\n\n${EXIT_HELP}`);
  return command.showHelpAfterError(`(see \`${pathOf(command)} --help\`)`);
}

/** A command that works on one cluster of an org. */
export const clusterCommand = (parent: Command, name: string, introduction: Introduction): Command =>
  orgCommand(parent, name, introduction).option(
    "--cluster <cluster>",
    "the cluster's name or UUID; default: muster.yaml's, if it has exactly one",
  );

/** A command that begins what goes on after it. */
export interface WaitOptions {
  /** Whether it waits for that. */
  readonly wait: boolean;
}

/** --wait and --no-wait; `what` completes "wait ...". Of both, the last one counts. */
export const withWait = (command: Command, what: string, byDefault: boolean): Command =>
  command.option("--wait", `wait ${what}`, byDefault).option("--no-wait", `do not wait ${what}`);

/** An option whose value is a whole number, from 1. */
export const countOption = (flags: string, description: string, most: number): Option =>
  new Option(flags, description).argParser((text) => {
    const count = Number(text);
    if (/^[1-9][0-9]*$/.test(text) && count <= most) return count;
    throw new InvalidArgumentError(`Give a whole number from 1 to ${most}.`);
  });

/** An option whose value is a duration in whole seconds, by default from 1 s. */
export const secondsOption = (
  flags: string,
  description: string,
  { from = 1, most = Number.POSITIVE_INFINITY }: { readonly from?: 0 | 1; readonly most?: number } = {},
): Option =>
  new Option(flags, description).argParser((text) => {
    const seconds = from === 0 && /^0s?$/.test(text) ? 0 : parseSeconds(text);
    if (seconds !== null && seconds > most)
      throw new InvalidArgumentError(`Give at most ${renderDuration(most * 1000)}.`);
    if (seconds === null) throw new InvalidArgumentError("Give a duration: seconds, or 90s, 15m, 2h.");
    return seconds;
  });

/** What Node.js can wait for at most, 24 days: a longer time would be over at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

type Act<C, O> = (context: C, options: O & CommonOptions, ...args: readonly string[]) => Promise<number>;

/** Runs `act` for the command, on the org that its options, muster.yaml and the environment name. */
export function onOrg<O>(command: Command, session: Session, act: Act<OrgContext, O>): void {
  command.action(() => run(command, session, resolveOrg, act));
}

/** As onOrg, on a cluster of it. */
export function onCluster<O>(command: Command, session: Session, act: Act<ClusterContext, O>): void {
  command.action(() => run(command, session, resolveCluster, act));
}

/** Runs `act` for the command, which finds out itself which org it works on, if on one. */
export function onMachine<O>(command: Command, session: Session, act: Act<MachineContext, O>): void {
  command.action(() => runTimed(command, session, act));
}

async function run<P extends OrgPlace, O>(
  command: Command,
  session: Session,
  resolve: (
    options: PlaceOptions,
    declared: ReturnType<typeof findDeclared>,
    env: World["env"],
    after: readonly string[],
  ) => P,
  act: Act<OrgContext & { readonly place: P }, O>,
): Promise<void> {
  const { world } = session;
  await runTimed<O>(command, session, async (machine, options, ...args) => {
    const { endWait, openTerminal, ...rest } = machine;
    const socket = attachedSocket(options, world.env);
    // It has all that a place has.
    const attached = ATTACHED_PLACE as OrgPlace as P;
    const place =
      socket === null
        ? resolve(options, findDeclared(world.readFile, world.env), world.env, command.args.slice(1))
        : attached;
    const access = await (socket === null ? rest.open(place) : openTerminal(socket));
    return act({ ...rest, place, access, flags: placeFlags(options), endWait }, options, ...args);
  });
}

/** What every command runs in: --timeout's clock, and the accesses that are settled at its end. */
interface TimedContext extends MachineContext, Pick<OrgContext, "endWait"> {
  openTerminal(socketPath: string): Promise<Access>;
}

async function runTimed<O>(command: Command, session: Session, act: Act<TimedContext, O>): Promise<void> {
  const { world } = session;
  const options = command.opts<O & CommonOptions>();
  if (options.profile !== undefined) world.useProfile(options.profile);
  const late = new AbortController();
  const { signal } = late;
  // Every call in progress listens, and there is no limit to their number.
  setMaxListeners(0, signal);
  const { timeout } = options;
  const timer =
    timeout === undefined
      ? undefined
      : setTimeout(() => late.abort(new TimedOutError(timeout)), Math.min(timeout * 1000, LONGEST_TIMER_MS));
  const endWait = () => clearTimeout(timer);
  try {
    const out = createOutput(world, options.json ?? false);
    const opened: Access[] = [];
    const keep = async (opening: Promise<Access>): Promise<Access> => {
      const access = await opening;
      opened.push(access);
      return access;
    };
    const open = async ({ org, region }: OrgPlace): Promise<Access> => {
      const declared = findDeclared(world.readFile, world.env);
      // Another org is not in the account of the one that is declared.
      const role = org === declared.org ? declared.role : null;
      return keep(world.open({ org, region, role, signal }));
    };
    const openTerminal = (socketPath: string) => keep(world.openTerminal(socketPath, signal));
    const context = { world, out, signal, open, openTerminal, endWait };
    session.exitCode = await act(context, options, ...command.args);
    await Promise.all(opened.map((access) => access.settled()));
  } finally {
    endWait();
  }
}

const pathOf = (command: Command): string =>
  command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
