import { waitFor } from "../system/wait.js";
import { BUSY } from "./declaration.js";
import { type Argv, askJson, done, type Stage } from "./stage.js";
import type { Step } from "./step.js";

const SOURCE_PREFIX = "sources/hello/";
/** Two files, of which one needs the other. */
const SOURCE = {
  "hello.py": "import words; print(words.WORD, flush=True)\n",
  "words.py": 'WORD = "from the bucket"\n',
} as const;
const SCHEDULE_SECONDS = 600;

/** What a person types to run a job on a cluster. */
const jobRun = (cluster: string, ...words: string[]): Argv => [
  ...(["npx", "--no-install", "muster", "job", "run"] as const),
  ...["--cluster", cluster, ...words],
];

/** How jobs come: a file, a bucket, a repository, a schedule. */
export function jobSteps(stage: Stage): readonly Step[] {
  const { place, project } = stage;
  const run = (...words: string[]): Argv => jobRun(BUSY.name, ...words);
  return [
    {
      ...{ name: "job", title: "a job of a file runs on every core" },
      run: (signal) => runPi(stage, BUSY.name, signal),
    },
    {
      ...{ name: "s3", title: "a job of files in a bucket" },
      async run(signal) {
        await stage.aws.putFiles(project.bucket, SOURCE_PREFIX, SOURCE);
        const uri = `s3://${project.bucket}/${SOURCE_PREFIX}`;
        const { stdout } = await done(stage, run("--s3", uri, "hello.py"), signal);
        const said = stdout.match(/^from the bucket$/gm)?.length ?? 0;
        if (said === 0) throw new Error(`no rank has run the bucket's files; the job said:\n${stdout}`);
        return `${said} ranks`;
      },
    },
    {
      ...{ name: "git", title: "a job of a Git repository" },
      leftOut: "leftOut" in place.git ? place.git.leftOut : null,
      async run(signal) {
        if ("leftOut" in place.git) throw new Error(place.git.leftOut);
        await done(stage, run("--git", place.git.url, place.git.file), signal);
        return place.git.url;
      },
    },
    {
      ...{ name: "schedule", title: "a schedule submits a job" },
      run: (signal) => awaitSchedule(stage, signal),
    },
  ];
}

/** Runs the example on all cores of a cluster, and counts what its ranks said. */
export async function runPi(stage: Stage, cluster: string, signal: AbortSignal): Promise<string> {
  const { stdout } = await done(stage, jobRun(cluster, "pi.py"), signal);
  const lines = [...stdout.matchAll(/rank \d+ of (\d+) on (\S+): pi = 3\.14159265/g)];
  const ranks = Number(lines[0]?.[1] ?? 0);
  if (ranks === 0 || lines.length !== ranks)
    throw new Error(`${lines.length} of ${ranks} ranks said what pi is; the job said:\n${stdout}`);
  return `${ranks} ranks on ${new Set(lines.map(([, , host]) => host)).size} nodes`;
}

interface ListedJobs {
  readonly jobs: readonly {
    readonly id: string;
    readonly status: string;
    readonly definition: { readonly name: string } | null;
  }[];
}

async function awaitSchedule(stage: Stage, signal: AbortSignal): Promise<string> {
  const jobs = await waitFor({
    what: `a job of the schedule ${BUSY.schedule} to finish`,
    ...{ timeoutSeconds: SCHEDULE_SECONDS, everyMs: 5_000, signal, say: stage.say },
    look: async () => {
      const listed = (await askJson(stage, ["job", "list", "--cluster", BUSY.name], signal)) as ListedJobs;
      return listed.jobs.filter(({ definition }) => definition?.name === BUSY.schedule);
    },
    isDone: (seen) => seen.some(({ status }) => status === "FINISHED"),
    describe: (seen) =>
      `${seen.length} jobs: ${[...new Set(seen.map(({ status }) => status))].join(", ") || "none"}`,
  });
  return `job ${jobs.find(({ status }) => status === "FINISHED")?.id}`;
}
