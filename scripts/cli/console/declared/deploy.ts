import { clusterStackName } from "../../../../agent/contract/names.js";
import { notebookStackName } from "../../../../agent/contract/notebook.js";
import { type Argv, CDKTF_ENV, DEPLOY, planDestroy, STOP_MS } from "../../core/cdktf.js";
import { failure } from "../../core/exit.js";
import type { Change } from "../api.js";
import type { ConsoleDeps } from "../deps.js";
import type { Running } from "../tasks.js";

/** What is run for a change: before muster.yaml is changed, as long as it still declares what goes; and after that. */
export interface Steps {
  readonly before: readonly Argv[];
  readonly after: readonly Argv[];
}

/** A stack that muster.yaml does not name any more is none of cdktf's: it is destroyed first. Pure. */
export function planSteps(
  change: Change,
  org: string,
  notebooksOf: (cluster: string) => readonly string[],
): Steps {
  switch (change.kind) {
    case "remove-cluster": {
      const notebooks = notebooksOf(change.name).map((name) => planDestroy(notebookStackName(org, name)));
      return { before: [...notebooks, planDestroy(clusterStackName(org, change.name))], after: [] };
    }
    case "remove-notebook":
      return { before: [planDestroy(notebookStackName(org, change.name))], after: [DEPLOY] };
    default:
      return { before: [], after: [DEPLOY] };
  }
}

/** A call as it is typed in a shell. Pure. */
export const typed = (argv: Argv): string =>
  argv.map((word) => (/^[\w./=-]+$/.test(word) ? word : `'${word}'`)).join(" ");

/** Runs one of them to its end. Throws a CommandError where it fails. */
export async function runStep(
  argv: Argv,
  { programs }: Pick<ConsoleDeps["world"], "programs">,
  { say, signal }: Running,
): Promise<void> {
  say(`$ ${typed(argv)}`);
  const exitCode = await programs.follow(argv, {
    env: CDKTF_ENV,
    onLine: say,
    stop: signal,
    graceMs: STOP_MS,
  });
  signal.throwIfAborted();
  if (exitCode !== 0)
    throw failure(
      `cdktf ended with exit status ${exitCode}: its last lines say why. Mend the cause, and deploy again.`,
    );
}
