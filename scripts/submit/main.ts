import { existsSync } from "node:fs";
import { openCluster } from "../journey/cluster.js";
import { renderJob } from "../journey/report.js";
import { requestFor, runDefinition, runJob } from "../journey/steps.js";
import { endWith, refuse } from "../system/command-line.js";
import { HELP, parseSubmit, type SubmitOptions } from "./options.js";

// What ./scripts/job starts. News goes to stderr, the job's output and --json to stdout.

async function submit({ org, cluster: name, region, what, json }: SubmitOptions): Promise<number> {
  const access = openCluster(org, region);
  const cluster = await access.find(name);
  if (cluster === null) throw new Error(`Org ${org} has no cluster ${name} in ${region}.`);
  const interrupted = new AbortController();
  process.once("SIGINT", () =>
    interrupted.abort(new Error("No longer following the job; it runs on, and its log goes to the bucket.")),
  );
  const say = (line: string): void => console.error(line);
  const watch = { say, signal: interrupted.signal };
  const job =
    "definition" in what
      ? await runDefinition(access, cluster, what.definition, watch)
      : await runJob(access, cluster, requestFor(what.file, what.args), watch);
  const log = job.log === null ? "" : (await access.readLog(job.log.uri)).toString("utf8");
  if (!json) process.stdout.write(log);
  for (const line of renderJob(job)) say(line);
  if (json) console.log(JSON.stringify(job));
  return job.status === "FINISHED" ? 0 : 1;
}

const fileProblems = ({ what }: SubmitOptions): readonly string[] =>
  "definition" in what || existsSync(what.file) ? [] : [`${what.file}: there is no such file`];

async function main(argv: readonly string[]): Promise<number> {
  const options = parseSubmit(argv, process.env);
  if (options === "help") {
    console.log(HELP);
    return 0;
  }
  const problems = "problems" in options ? options.problems : fileProblems(options);
  return "problems" in options || problems.length > 0 ? refuse(problems, HELP) : submit(options);
}

endWith(() => main(process.argv.slice(2)));
