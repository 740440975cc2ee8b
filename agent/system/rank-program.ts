import { run } from "./run.js";

const FOLDER = "/usr/lib/muster";
const PYTHON = "/usr/bin/python3";
const TIMEOUT_MS = 60_000;

/**
 * Has Python compile the program of ranks, agent/launcher/rank_program.py, and keep that beside it, unless it has: no rank could, for it may
 * not write there, and each would compile it for itself. May run twice. Rejects where Python can't; ranks only begin later then.
 */
export async function compileRankProgram(folder: string = FOLDER): Promise<void> {
  const code = "import sys; sys.path.insert(0, sys.argv[1]); import rank_program";
  await run(PYTHON, ["-I", "-S", "-c", code, folder], TIMEOUT_MS);
}
