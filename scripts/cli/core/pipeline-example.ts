import { renderGithub } from "./pipeline-github.js";
import { renderGitlab } from "./pipeline-gitlab.js";
import { renderShell } from "./pipeline-shell.js";

/** Where a pipeline can run. */
export const PIPELINES = ["github", "gitlab", "shell", "none"] as const;
export type PipelineKind = (typeof PIPELINES)[number];

/** Why it is none of them; null: it is one. Pure. */
export const pipelineProblem = (kind: string): string | null =>
  PIPELINES.some((known) => known === kind)
    ? null
    : `the pipeline is "${kind}": give ${PIPELINES.join(", ")}`;

interface Place {
  readonly region: string;
}

/**
 * A pipeline that checks and plans each proposed change, deploys the main branch, and looks for drift and reaps each night, with roles by
 * OIDC; null: none is wanted. Pure.
 */
export function renderPipeline(kind: PipelineKind, place: Place): { path: string; text: string } | null {
  if (kind === "github") return { path: ".github/workflows/muster.yml", text: renderGithub(place) };
  if (kind === "gitlab") return { path: ".gitlab-ci.yml", text: renderGitlab(place) };
  if (kind === "shell") return { path: "muster-pipeline.sh", text: renderShell(place) };
  return null;
}
