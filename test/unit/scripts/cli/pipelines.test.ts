import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import {
  PIPELINE_PURPOSES,
  type PipelineIssuer,
  type PipelinePurpose,
  pipelineTrustPolicy,
} from "../../../../agent/contract/rights/pipeline.js";
import { PIPELINES, renderPipeline } from "../../../../scripts/cli/core/pipeline-example.js";

const PLACE = { region: "us-east-1" };
const textOf = (kind: "github" | "gitlab" | "shell") => renderPipeline(kind, PLACE)?.text ?? "";

interface Job {
  readonly if: string;
  readonly permissions: Readonly<Record<string, string>>;
  readonly environment?: string;
  readonly concurrency?: { readonly group: string; readonly "cancel-in-progress": boolean };
  readonly steps: readonly { readonly uses?: string; readonly run?: string; readonly with?: object }[];
}
const GITHUB = parse(textOf("github")) as { permissions: object; jobs: Readonly<Record<string, Job>> };
const JOBS = Object.entries(GITHUB.jobs);

test.each(["null", "1.5e3", "on"])("the region %s stays a text", (region) => {
  for (const kind of ["github", "gitlab"] as const) {
    const text = renderPipeline(kind, { region })?.text ?? "";
    const { env, variables } = parse(text) as Record<string, Record<string, unknown>>;
    expect((env ?? variables)?.["AWS_REGION"]).toBe(region);
  }
});

test("a pipeline stores no key, asks nothing, and has every task", () => {
  for (const kind of PIPELINES) {
    if (kind === "none") continue;
    const text = textOf(kind);
    expect(text).not.toMatch(/secrets\.|ACCESS_KEY/);
    for (const task of ["check", "plan --markdown", "deploy --yes", "--expect-none", "reap", "leftovers"])
      expect(text).toContain(task);
  }
  expect(renderPipeline("none", PLACE)).toBeNull();
});

describe("the workflow of GitHub", () => {
  test.each(JOBS)("%s runs nothing that a pull request's author writes", (_name, { steps }) => {
    for (const { run } of steps) expect(run ?? "").not.toContain("${{");
  });

  test.each(JOBS)(
    "%s pins each action by its commit, and keeps no token of the checkout",
    (_name, { steps }) => {
      const used = steps.flatMap(({ uses }) => uses ?? []);
      expect(used).toHaveLength(4);
      for (const action of used) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
      expect(steps[0]?.with).toEqual({ "persist-credentials": false });
    },
  );

  test("gives each job no more than it needs, and a fork none", () => {
    expect(GITHUB.permissions).toEqual({});
    for (const [name, { permissions }] of JOBS) {
      const comments = name === "plan" ? { "pull-requests": "write" } : {};
      expect(permissions).toEqual({ contents: "read", "id-token": "write", ...comments });
    }
    expect(GITHUB.jobs["plan"]?.if).toContain("head.repo.full_name == github.repository");
    expect(textOf("github")).not.toContain("pull_request_target");
  });

  test("never cancels what changes something, and lets no other job take its turn", () => {
    const { deploy, nightly, plan } = GITHUB.jobs;
    for (const job of [deploy, nightly]) expect(job?.concurrency?.["cancel-in-progress"]).toBe(false);
    const groups = [deploy, nightly, plan].map((job) => job?.concurrency?.group);
    expect(new Set(groups).size).toBe(3);
  });
});

describe("GitLab's jobs", () => {
  test("deploy and reap one at a time, and are never interrupted", () => {
    const jobs = parse(textOf("gitlab")) as Record<string, object>;
    for (const name of ["deploy", "reap"])
      expect(jobs[name]).toMatchObject({ interruptible: false, resource_group: "muster-deploy" });
  });
});

describe("the roles that `muster account pipeline` makes", () => {
  const subjectOf = (issuer: PipelineIssuer, purpose: PipelinePurpose) => {
    const [{ Condition } = {}] = pipelineTrustPolicy(
      { issuer, repository: "acme/clusters" },
      purpose,
      "arn",
    ).Statement;
    return JSON.stringify(Condition);
  };

  test("are for the jobs that GitHub's workflow has, and no others", () => {
    for (const [name, { environment, steps }] of JOBS) {
      expect(environment).toBe(name === "plan" ? undefined : "muster");
      expect(JSON.stringify(steps)).toContain(`vars.MUSTER_${name === "plan" ? "PLAN" : "DEPLOY"}_ROLE_ARN`);
    }
    expect(GITHUB.jobs["plan"]?.if).toContain("github.event_name == 'pull_request'");
    expect(subjectOf("github", "plan")).toContain('"repo:acme/clusters:pull_request"');
    expect(subjectOf("github", "deploy")).toContain('"repo:acme/clusters:environment:muster"');
  });

  test("are for the jobs that GitLab's configuration has, with the audience of their tokens", () => {
    const { default: first, plan, deploy } = parse(textOf("gitlab"));
    expect(first.id_tokens.AWS_ID_TOKEN.aud).toBe("$CI_SERVER_URL");
    expect([plan.variables.ROLE, deploy.variables.ROLE]).toEqual([
      "$MUSTER_PLAN_ROLE_ARN",
      "$MUSTER_DEPLOY_ROLE_ARN",
    ]);
    expect(subjectOf("gitlab", "plan")).toContain('"gitlab.com:aud":"https://gitlab.com"');
    expect(subjectOf("gitlab", "deploy")).toContain(':ref_type:branch:ref:main"');
  });

  test.each(["github", "gitlab"] as const)("are named by the text for %s", (kind) => {
    expect(textOf(kind)).toContain(`muster account pipeline ${kind} `);
    for (const purpose of PIPELINE_PURPOSES)
      expect(textOf(kind)).toContain(`MUSTER_${purpose.toUpperCase()}_ROLE_ARN`);
  });
});
