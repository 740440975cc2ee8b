/** The program that runs a rank: agent/launcher/rank.py, which makes a failing rank end the others. */
const RANK_PROGRAM = "/usr/lib/muster/rank.py";

/** Python's options that stand alone, and those that take a value as the next word. `-c` and `-m` end the options. */
const FLAGS = /^-[bBdEIOPqsSuv]+$/;
const VALUED = new Set(["-W", "-X", "--check-hash-based-pycs"]);
const VALUE_INSIDE = /^-[WX]./;
/** These modules end the other ranks themselves, and must be Python's __main__. */
const OWN_RUNNERS = /^mpi4py(\.|$)/;

/**
 * Python's arguments for a rank. `command` is what a person writes after `python`; where that is a file, `-c` or `-m`, the
 * rank's program runs it. Anything else (`-V`, `-i`, `-`) is Python's alone.
 */
export function rankArguments(command: readonly string[]): readonly string[] {
  let at = 0;
  while (at < command.length) {
    const word = command[at] ?? "";
    if (VALUED.has(word)) at += 2;
    else if (FLAGS.test(word) || VALUE_INSIDE.test(word)) at += 1;
    else break;
  }
  const [first, second] = command.slice(at);
  if (first === undefined) return command;
  const isCode = first === "-c" && second !== undefined;
  const isModule = first === "-m" && second !== undefined && !OWN_RUNNERS.test(second);
  if (!isCode && !isModule && first.startsWith("-")) return command;
  return [...command.slice(0, at), RANK_PROGRAM, ...command.slice(at)];
}
