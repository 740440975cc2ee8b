/** The parent of a rank: agent/launcher/rank.sh, which sees how it ends. */
const RANK_PARENT = "/usr/lib/muster/rank";
/** The program that runs a rank: agent/launcher/rank.py, which makes a failing rank end the others. */
const RANK_PROGRAM = "/usr/lib/muster/rank.py";

/** Variables that the parent's shell makes its own: a job's value of one is set behind it. */
const SHELLS_OWN = ["IFS", "OPTIND", "PPID", "PWD"];

/** Python's options that stand alone, and those that take a value as the next word. `-c` and `-m` end the options. */
const FLAGS = /^-[bBdEIOPqsSuv]+$/;
const VALUED = new Set(["-W", "-X", "--check-hash-based-pycs"]);
const VALUE_INSIDE = /^-[WX]./;
/** These modules end the other ranks themselves, and must be Python's __main__. */
const OWN_RUNNERS = /^mpi4py(\.|$)/;

/**
 * The argv of a rank. `command` is what a person writes after `python`; where that is a file, `-c` or `-m`, the rank's programs run it.
 * Anything else (`-V`, `-i`, `-`) is Python's alone. `environment`: the job's own variables.
 */
export function rankArgv(
  python: string,
  command: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): readonly string[] {
  let at = 0;
  while (at < command.length) {
    const word = command[at] ?? "";
    if (VALUED.has(word)) at += 2;
    else if (FLAGS.test(word) || VALUE_INSIDE.test(word)) at += 1;
    else break;
  }
  const [first, second] = command.slice(at);
  if (first === undefined) return [python, ...command];
  const isCode = first === "-c" && second !== undefined;
  const isModule = first === "-m" && second !== undefined && !OWN_RUNNERS.test(second);
  if (!isCode && !isModule && first.startsWith("-")) return [python, ...command];
  const lost = SHELLS_OWN.filter((name) => Object.hasOwn(environment, name));
  const again =
    lost.length === 0 ? [] : ["/usr/bin/env", ...lost.map((name) => `${name}=${environment[name]}`)];
  return [RANK_PARENT, ...again, python, ...command.slice(0, at), RANK_PROGRAM, ...command.slice(at)];
}
