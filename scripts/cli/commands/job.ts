import type { Command } from "commander";
import type { Session } from "./context.js";
import { addLazily, type LazyCommand } from "./lazy.js";

/** In the order of the help. */
export const JOB_COMMANDS: readonly LazyCommand[] = [
  {
    name: "run",
    summary: "runs a Python file or a command on the cluster, and shows its output",
    add: async (...to) => (await import("./job-run.js")).addJobRun(...to),
  },
  {
    name: "submit",
    summary: "submits a Python file or a command as a job, without waiting for it",
    add: async (...to) => (await import("./job-submit.js")).addJobSubmit(...to),
  },
  {
    name: "show",
    summary: "shows a job with its attempts, and what it waits for",
    add: async (...to) => (await import("./job-show.js")).addJobShow(...to),
  },
  {
    name: "list",
    summary: "lists a cluster's jobs, the newest first",
    add: async (...to) => (await import("./job-list.js")).addJobList(...to),
  },
  {
    name: "logs",
    summary: "writes a job's output to stdout, byte for byte",
    add: async (...to) => (await import("./job-logs.js")).addJobLogs(...to),
  },
  {
    name: "wait",
    summary: "waits until a job has ended",
    add: async (...to) => (await import("./job-wait.js")).addJobWait(...to),
  },
  {
    name: "cancel",
    summary: "cancels a job",
    add: async (...to) => (await import("./job-cancel.js")).addJobCancel(...to),
  },
  {
    name: "definitions",
    summary: "lists a cluster's job definitions with their last jobs, or shows one in full",
    add: async (...to) => (await import("./job-definitions.js")).addJobDefinitions(...to),
  },
];

/** `muster job ...` */
export async function addJob(parent: Command, session: Session): Promise<void> {
  const group = parent
    .command("job")
    .summary("runs and follows jobs")
    .description("Runs and follows jobs.")
    .enablePositionalOptions();
  await addLazily(group, session, JOB_COMMANDS);
}
