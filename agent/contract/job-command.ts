import { MAX_JOB_BYTES } from "./job-request.js";

/**
 * Rules for a job's command as a whole. As in job-request.ts, a rule returns the problem, completing "it ...", or null. Every way
 * to submit (muster.yaml, Terraform, HTTP) and the head use the same rules.
 */

const PYTHON = /^(?:.*\/)?python(?:\d+(?:\.\d+)*)?$/;
const LAUNCHER = /^(?:.*\/)?(?:mpiexec(?:\.[a-z]+)?|mpirun|srun)$/;
const SHOWN_CHARACTERS = 60;

/** The command's first word: Python would take `python` or `mpiexec` there for the name of a file. */
export function firstWordProblem(command: readonly string[], scriptName?: string): string | null {
  const [first = "", ...rest] = command;
  const isPython = PYTHON.test(first);
  if (first === scriptName || !(isPython || LAUNCHER.test(first))) return null;
  const next = isPython ? rest[0] : rest[rest.findIndex((word) => PYTHON.test(word)) + 1];
  const instead =
    next === undefined || next.startsWith("-n")
      ? "a Python file, or with -m and a module"
      : JSON.stringify(next.slice(0, SHOWN_CHARACTERS));
  return `is what Muster itself starts (mpiexec -n PROCESSES python COMMAND); begin with ${instead}`;
}

/** A job's script: if no word of the command names it, or its module, it would never run. */
export function unusedScriptProblem(command: readonly string[], scriptName: string): string | null {
  if (command.includes(scriptName)) return null;
  // Of Python's own: `-m pi`, `-c "import pi"`.
  const ofPython = command[0]?.startsWith("-") === true;
  if (ofPython && command.some((word) => word.includes(scriptName.replace(/\.py$/, "")))) return null;
  return "must be one element of command, else it is never run; the script is in the folder that the command starts in";
}

/** Everything that the registry keeps of a job, as JSON, in one item. */
export function jobBytesProblem(content: Readonly<Record<string, unknown>>): string | null {
  const bytes = Buffer.byteLength(JSON.stringify(content));
  if (bytes <= MAX_JOB_BYTES) return null;
  return `takes ${bytes} bytes, and a job may have ${MAX_JOB_BYTES}; put the script, or what it reads, on /shared`;
}
