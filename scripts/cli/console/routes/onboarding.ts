import type { ClusterItem } from "../../../../agent/contract/registry.js";
import { CommandError } from "../../core/exit.js";
import { readAllJobs } from "../all-jobs.js";
import type { OnboardingStep } from "../api.js";
import type { RouteDeps } from "../deps.js";
import { listClusters } from "./clusters.js";
import { configPath, hasProject } from "./config-file.js";
import { listNotebooks } from "./notebooks.js";

/** Whose jobs are looked at, at most, for one that has FINISHED. */
const MOST_LOOKED_AT = 5;

/** The steps to a first job and a first notebook, each by what is really there. What can't be seen fails no other step. */
export async function findOnboarding(deps: RouteDeps): Promise<readonly OnboardingStep[]> {
  const { access, place, reads } = deps;
  const [who, clusters, notebooks, image] = await Promise.all([
    seen(() => reads.read("identity", () => access.account.identify())),
    seen(() => listClusters(deps)),
    seen(() => listNotebooks(deps)),
    imageStep(deps),
  ]);
  const isThere = hasProject(deps);
  const ready = isSeen(clusters)
    ? clusters.found.filter(({ clusterStatus }) => clusterStatus === "FINISHED")
    : [];
  const [notebook] = isSeen(notebooks) ? notebooks.found : [];
  return [
    {
      ...{ id: "credentials", title: "AWS credentials", isDone: isSeen(who) },
      detail: isSeen(who) ? who.found.arn : who.why,
    },
    {
      ...{ id: "project", title: "A project that declares the org", isDone: isThere },
      detail: isThere
        ? configPath(deps)
        : "Write one with `muster init`, and start the console in its folder; a console elsewhere shows and runs, but does not declare.",
    },
    {
      ...{ id: "org", title: `Org ${place.org} in ${place.region}`, isDone: isSeen(clusters) },
      detail: isSeen(clusters)
        ? "Its network, file system and registry are there."
        : `${clusters.why} Deploy it: npx cdktf deploy muster_${place.org}`,
    },
    image,
    {
      ...{ id: "cluster", title: "A cluster", isDone: isSeen(clusters) ? clusters.found.length > 0 : null },
      detail: describeClusters(isSeen(clusters) ? clusters.found : [], ready.length),
    },
    await jobStep(deps, isSeen(clusters) ? clusters.found : null),
    {
      ...{ id: "notebook", title: "A notebook", isDone: isSeen(notebooks) ? notebook !== undefined : null },
      detail:
        notebook === undefined
          ? "JupyterLab on a node of its own, attached to a cluster."
          : `${notebook.name} is ${notebook.status}.`,
    },
  ];
}

type Seen<T> = { readonly found: T } | { readonly why: string };
const isSeen = <T>(seen: Seen<T>): seen is { readonly found: T } => "found" in seen;

async function seen<T>(run: () => Promise<T>): Promise<Seen<T>> {
  try {
    return { found: await run() };
  } catch (error) {
    if (error instanceof CommandError) return { why: error.message };
    throw error;
  }
}

function describeClusters(clusters: readonly ClusterItem[], ready: number): string {
  if (clusters.length === 0) return "Identical nodes in one placement group, for jobs and notebooks.";
  return `${clusters.length} there, of which ${ready} can take a job at once.`;
}

async function imageStep({ images }: RouteDeps): Promise<OnboardingStep> {
  const step = { id: "image", title: "An image for the nodes" } as const;
  const found = await seen(images);
  if (!isSeen(found)) return { ...step, isDone: null, detail: found.why };
  const count = found.found.length;
  return {
    ...{ ...step, isDone: count > 0 },
    detail: count === 0 ? "Bake one, or have one shared with the account." : `${count} there.`,
  };
}

async function jobStep(deps: RouteDeps, clusters: readonly ClusterItem[] | null): Promise<OnboardingStep> {
  const step = { id: "job", title: "A job that has FINISHED" } as const;
  if (clusters === null) return { ...step, isDone: null, detail: "Its cluster comes first." };
  for (const { uuid, name } of clusters.slice(0, MOST_LOOKED_AT)) {
    const jobs = await seen(() => readAllJobs(deps, uuid));
    if (!isSeen(jobs)) return { ...step, isDone: null, detail: jobs.why };
    const job = jobs.found.find(({ status }) => status === "FINISHED");
    if (job !== undefined) return { ...step, isDone: true, detail: `${job.id} on cluster ${name}.` };
  }
  return { ...step, isDone: false, detail: "Run a Python file on every core of a cluster." };
}
