import { Command, CommanderError } from "commander";
import { visibleText } from "../../agent/contract/visible-text.js";
import { addAccount } from "./commands/account.js";
import { addCheck } from "./commands/check.js";
import { addCleanup } from "./commands/cleanup.js";
import { addClusterAccess } from "./commands/cluster-access.js";
import { addClusterActivity } from "./commands/cluster-activity.js";
import { addClusterEvents } from "./commands/cluster-events.js";
import { addClusterHosts } from "./commands/cluster-hosts.js";
import { addClusterKeepAlive } from "./commands/cluster-keep-alive.js";
import { addClusterList } from "./commands/cluster-list.js";
import { addClusterPark } from "./commands/cluster-park.js";
import { addClusterRepair } from "./commands/cluster-repair.js";
import { addClusterResize } from "./commands/cluster-resize.js";
import { addClusterResume } from "./commands/cluster-resume.js";
import { addClusterShow } from "./commands/cluster-show.js";
import { addClusterSsh } from "./commands/cluster-ssh.js";
import { addClusterVerify } from "./commands/cluster-verify.js";
import { addConsole } from "./commands/console.js";
import type { Session } from "./commands/context.js";
import { addCost } from "./commands/cost.js";
import { addDoctor } from "./commands/doctor.js";
import { addGitCredentials } from "./commands/git-credentials.js";
import { addInit } from "./commands/init.js";
import { addJobCancel } from "./commands/job-cancel.js";
import { addJobDefinitions } from "./commands/job-definitions.js";
import { addJobList } from "./commands/job-list.js";
import { addJobLogs } from "./commands/job-logs.js";
import { addJobRun } from "./commands/job-run.js";
import { addJobShow } from "./commands/job-show.js";
import { addJobSubmit } from "./commands/job-submit.js";
import { addJobWait } from "./commands/job-wait.js";
import { addLeftovers } from "./commands/leftovers.js";
import { addMyIp } from "./commands/my-ip.js";
import { addNotebookList } from "./commands/notebook-list.js";
import { addNotebookOpen } from "./commands/notebook-open.js";
import { addNotebookShow } from "./commands/notebook-show.js";
import { addNotebookStart } from "./commands/notebook-start.js";
import { addNotebookStop } from "./commands/notebook-stop.js";
import { addReap } from "./commands/reap.js";
import { addToken } from "./commands/token.js";
import { addUsage } from "./commands/usage.js";
import { CommandError, EXIT, EXIT_HELP } from "./core/exit.js";
import type { World } from "./core/world.js";

const JOB_COMMANDS = [
  addJobRun,
  addJobSubmit,
  addJobShow,
  addJobList,
  addJobLogs,
  addJobWait,
  addJobCancel,
  addJobDefinitions,
] as const;
const CLUSTER_COMMANDS = [
  addClusterList,
  addClusterShow,
  addClusterEvents,
  addClusterHosts,
  addClusterSsh,
  addClusterVerify,
  addClusterAccess,
  addClusterActivity,
  addClusterKeepAlive,
  addClusterPark,
  addClusterResume,
  addClusterResize,
  addClusterRepair,
] as const;
const NOTEBOOK_COMMANDS = [
  addNotebookList,
  addNotebookShow,
  addNotebookOpen,
  addNotebookStop,
  addNotebookStart,
] as const;

/** The command with all its subcommands; actions set the session's exit code. */
function createProgram(session: Session, version: string): Command {
  const { stdout, say } = session.world;
  const program = new Command("muster")
    .description("Runs jobs on MPI clusters in your own AWS account, and shows their state.")
    .version(version)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => say(visibleText(text.trimEnd())),
    })
    .addHelpText(
      "after",
      ["", "Example:", "  $ muster job run --org demo --cluster alpha pi.py", "", PLACE_HELP, EXIT_HELP].join(
        "\n",
      ),
    );
  addInit(program, session);
  addDoctor(program, session);
  const job = program.command("job").summary("runs and follows jobs").description("Runs and follows jobs.");
  const cluster = program
    .command("cluster")
    .summary("shows, parks, resumes, resizes and repairs clusters, and logs in to nodes")
    .description("Shows, parks, resumes, resizes and repairs clusters, and logs in to nodes.");
  const notebook = program
    .command("notebook")
    .summary("opens, stops and starts notebooks")
    .description("Opens, stops and starts notebooks: JupyterLab on a node of its own.");
  for (const group of [job, cluster, notebook]) group.enablePositionalOptions();
  for (const add of JOB_COMMANDS) add(job, session);
  for (const add of CLUSTER_COMMANDS) add(cluster, session);
  for (const add of NOTEBOOK_COMMANDS) add(notebook, session);
  addAccount(program, session);
  addGitCredentials(program, session);
  addToken(program, session);
  addMyIp(program, session);
  addCheck(program, session);
  addCost(program, session);
  addUsage(program, session);
  addConsole(program, session, version);
  addReap(program, session);
  addCleanup(program, session);
  addLeftovers(program, session);
  return program;
}

const PLACE_HELP =
  "Org, region and cluster come from the options, else from the muster.yaml in the current folder. Endpoint and credentials come\nfrom the environment, as in any AWS program.";

/** Runs the command line to its end, and returns its exit status. Errors go to stderr. */
export async function runMuster(argv: readonly string[], world: World, version: string): Promise<number> {
  const session: Session = { world, exitCode: EXIT.done };
  try {
    await createProgram(session, version).parseAsync([...argv], { from: "user" });
    return session.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.unusable;
    if (error instanceof CommandError) {
      world.say(visibleText(error.message));
      return error.exitCode;
    }
    const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
    world.say(visibleText(`${name}: ${message}. This error is unexpected.`));
    return EXIT.failed;
  }
}
