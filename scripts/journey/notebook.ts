import { delimiter, join } from "node:path";
import { renderProgramEnd, runProgram } from "../system/program.js";
import type { Journey } from "./run.js";

/** The notebook that a journey attaches to its cluster. */
export const JOURNEY_NOTEBOOK = { name: "explore" } as const;

/** Below the project: in a PATH, the way of Session Manager to the nodes of the local cloud, which this machine has no route to. */
const SESSION_MANAGER = "scripts/local/session-manager";

/** PATH with Session Manager as the local cloud has it. */
export const sessionManagerPath = (projectRoot: string): string =>
  [join(projectRoot, SESSION_MANAGER), process.env["PATH"] ?? ""].join(delimiter);

const placeFlags = ({ place }: Journey): string[] => {
  const { org, region } = place.workspace;
  return ["--org", org, "--region", region];
};

/** What a person types to open it, with the local cloud as the AWS of the shell. */
export const openCommand = (journey: Journey): string =>
  [
    `PATH="$PWD/${SESSION_MANAGER}:$PATH" ./scripts/muster notebook open`,
    JOURNEY_NOTEBOOK.name,
    ...placeFlags(journey),
    "--via ssm",
  ].join(" ");

/** Opens the notebook as a person does, and serves it until `signal` aborts: that is no failure. */
export async function openJourneyNotebook(journey: Journey): Promise<void> {
  const { place, env, progress, signal } = journey;
  progress.say("== muster notebook open: Ctrl-C ends it, and then everything is destroyed");
  const bundle = join(place.projectRoot, "dist/cli/muster.cjs");
  const end = await runProgram(
    [
      ...([process.execPath, bundle, "notebook", "open", JOURNEY_NOTEBOOK.name] as const),
      ...[...placeFlags(journey), "--via", "ssm", "--no-browser"],
    ],
    {
      env: { ...process.env, ...env, PATH: sessionManagerPath(place.projectRoot) },
      onLine: (line) => progress.say(`   ${line}`),
      signal,
    },
  );
  if (!signal.aborted) throw new Error(`muster notebook open ended with ${renderProgramEnd(end)}`);
}
