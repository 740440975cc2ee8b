import { resolve } from "node:path";
import { type Static, Type } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import { readDeclaredClusters } from "../../core/declared.js";
import { refusal, unusable } from "../../core/exit.js";
import type { Change, DeclaredView, PlanView, TaskView } from "../api.js";
import { planSteps, runStep, type Steps, typed } from "../declared/deploy.js";
import { diffOf } from "../declared/diff.js";
import { editConfig } from "../declared/edit.js";
import { viewDeclared } from "../declared/view.js";
import type { RouteDeps } from "../deps.js";
import { CHANGE } from "./change-schema.js";
import { configPath, hashOf, hasProject, readConfigText } from "./config-file.js";

const PlanBody = Type.Object({ change: CHANGE }, { additionalProperties: false });
const ApplyBody = Type.Object(
  { change: CHANGE, hash: Type.String({ pattern: "^[0-9a-f]{64}$" }) },
  { additionalProperties: false },
);

interface Planned {
  readonly plan: PlanView;
  /** Null: it can't be made. */
  readonly text: string | null;
  readonly steps: Steps;
}

/** What muster.yaml declares, and changes of it: planned, shown, and then deployed as a task. */
export function addDeclaredRoutes(app: FastifyInstance, deps: RouteDeps): void {
  app.get("/api/declared", async (): Promise<DeclaredView | null> => {
    if (!hasProject(deps)) return null;
    const text = readConfigText(deps) ?? "";
    return viewOf(deps, text);
  });
  app.post<{ Body: Static<typeof PlanBody> }>(
    "/api/declared/plan",
    { schema: { body: PlanBody } },
    async ({ body: { change } }): Promise<PlanView> => (await planChange(deps, change)).plan,
  );
  app.post<{ Body: Static<typeof ApplyBody> }>(
    "/api/declared/apply",
    { schema: { body: ApplyBody } },
    async ({ body: { change, hash } }): Promise<TaskView> => {
      await checkedText(deps, change, hash);
      return deps.tasks.start({
        title: titleOf(change),
        lane: "project",
        run: async (running) => {
          // Another task of before may have changed the file; then the person has not seen this change.
          const { steps } = await checkedText(deps, change, hash);
          for (const argv of steps.before) await runStep(argv, deps.world, running);
          const { text } = await checkedText(deps, change, hash);
          await deps.world.writeFile(configPath(deps), text);
          running.say(`${configPath(deps)} is changed.`);
          try {
            for (const argv of steps.after) await runStep(argv, deps.world, running);
          } finally {
            deps.reads.forget();
          }
          return "It is deployed.";
        },
      });
    },
  );
  app.post("/api/declared/deploy", async (): Promise<TaskView> => {
    refuseWithoutProject(deps);
    return deps.tasks.start({
      title: "Deploy what muster.yaml declares",
      lane: "project",
      run: async (running) => {
        for (const argv of DEPLOY_ALL.after) await runStep(argv, deps.world, running);
        deps.reads.forget();
        return "It is deployed.";
      },
    });
  });
}

const DEPLOY_ALL = planSteps({ kind: "set-cluster", name: "", values: {} }, "", () => []);

async function checkedText(
  deps: RouteDeps,
  change: Change,
  hash: string,
): Promise<{ readonly text: string; readonly steps: Steps }> {
  const { plan, text, steps } = await planChange(deps, change);
  if (plan.hash !== hash)
    throw refusal(`${configPath(deps)} was changed since the change was shown. Look at it again.`);
  if (text === null || plan.problems.length > 0) throw unusable(plan.problems);
  return { text, steps };
}

/** What the change does to the file, every problem of the file after it, and what is run. Writes nothing. */
async function planChange(deps: RouteDeps, change: Change): Promise<Planned> {
  refuseWithoutProject(deps);
  const before = readConfigText(deps) ?? "";
  const notebooksOf = (cluster: string) =>
    viewDeclared(before).find(({ name }) => name === cluster)?.notebooks ?? [];
  const steps = planSteps(change, deps.place.org, notebooksOf);
  const commands = [...steps.before, ...steps.after].map(typed);
  const edited = editConfig(before, change);
  const hash = hashOf(before);
  if ("problem" in edited)
    return { plan: { hash, diff: "", problems: [edited.problem], commands }, text: null, steps };
  const problems = await problemsOf(deps, edited.text);
  return { plan: { hash, diff: diffOf(before, edited.text), problems, commands }, text: edited.text, steps };
}

function refuseWithoutProject(deps: RouteDeps): void {
  const { place } = deps;
  if (!hasProject(deps))
    throw refusal(
      "There is no muster.yaml with a cdktf.json in the folder where the console was started, so nothing declared can be changed here. Start it in the project's folder.",
    );
  const declared = readDeclaredClusters(readConfigText(deps) ?? "");
  if (declared !== null && declared.org !== place.org)
    throw refusal(`The console works on org ${place.org}, and ${configPath(deps)} declares ${declared.org}.`);
}

/** Every problem of a muster.yaml with this text. */
async function problemsOf({ world }: RouteDeps, text: string): Promise<readonly string[]> {
  const { parseMusterConfig } = await import("../../../../stacks/config/load.js");
  const { ConfigError } = await import("../../../../stacks/config/problem.js");
  try {
    parseMusterConfig(text, resolve(configPath({ world })), world.readFile);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n");
    throw error;
  }
}

async function viewOf(deps: RouteDeps, text: string): Promise<DeclaredView> {
  return {
    ...{ path: configPath(deps), hash: hashOf(text) },
    ...{ clusters: viewDeclared(text), problems: await problemsOf(deps, text) },
  };
}

const TITLES: Readonly<Record<Change["kind"], string>> = {
  "add-cluster": "Create cluster",
  "set-cluster": "Change cluster",
  "remove-cluster": "Remove cluster",
  "add-notebook": "Create notebook",
  "remove-notebook": "Remove notebook",
  "add-definition": "Create job definition",
  "remove-definition": "Remove job definition",
};

function titleOf(change: Change): string {
  const entry =
    change.kind === "add-cluster"
      ? change.cluster
      : change.kind === "add-notebook"
        ? change.notebook
        : change.kind === "add-definition"
          ? change.definition
          : change;
  return `${TITLES[change.kind]} ${String(entry["name" as keyof typeof entry])}`;
}
