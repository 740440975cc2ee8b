import { globalArn, type RightsPlace } from "./right.js";

/** Whose tokens the jobs of a pipeline have. */
export const PIPELINE_ISSUERS = ["github", "gitlab"] as const;
export type PipelineIssuer = (typeof PIPELINE_ISSUERS)[number];

/** A pipeline that gets its roles for the tokens of its jobs (OIDC): no key is stored. */
export interface PipelineIdentity {
  readonly issuer: PipelineIssuer;
  /** GitHub: OWNER/NAME. GitLab: the project's path, GROUP/NAME. */
  readonly repository: string;
  /**
   * GitHub alone: the environment whose jobs deploy. Let only the main branch deploy to it.
   * @default muster
   */
  readonly environment?: string;
  /**
   * GitLab alone: the branch whose jobs deploy.
   * @default main
   */
  readonly branch?: string;
  /**
   * GitLab alone: the host of a GitLab of your own.
   * @default gitlab.com
   */
  readonly host?: string;
}

/** What a role of a pipeline is for: the one deploys, the other plans what is proposed. */
export const PIPELINE_PURPOSES = ["deploy", "plan"] as const;
export type PipelinePurpose = (typeof PIPELINE_PURPOSES)[number];

const GITHUB = "token.actions.githubusercontent.com";

const hostOf = ({ issuer, host = "gitlab.com" }: PipelineIdentity): string =>
  issuer === "github" ? GITHUB : host;

/** The identity provider that IAM needs: its address, and whom the tokens are for. Pure. */
export const identityProvider = (pipeline: PipelineIdentity) => ({
  url: `https://${hostOf(pipeline)}`,
  audience: pipeline.issuer === "github" ? "sts.amazonaws.com" : `https://${hostOf(pipeline)}`,
});

/** Its ARN: an account has at most one of each address. Pure. */
export const identityProviderArn = (pipeline: PipelineIdentity, place: RightsPlace): string =>
  globalArn(place, "iam", `oidc-provider/${hostOf(pipeline)}`);

/** The names of the roles. Other orgs and regions have others. */
export const pipelineRoleName = (
  purpose: PipelinePurpose,
  { org, region }: Pick<RightsPlace, "org" | "region">,
): string => `pipeline-${purpose}-${org}-${region}`;

/**
 * The trust policy of a role: only jobs of that repository, and of these only those that deploy, or those of proposed changes. Pure.
 * @see https://docs.github.com/en/actions/reference/security/oidc
 * @see https://docs.gitlab.com/ci/secrets/id_token_authentication/
 */
export function pipelineTrustPolicy(
  pipeline: PipelineIdentity,
  purpose: PipelinePurpose,
  providerArn: string,
) {
  const host = hostOf(pipeline);
  const audience = { [`${host}:aud`]: identityProvider(pipeline).audience };
  const [operator, subject] = subjectOf(pipeline, purpose);
  const sub = { [`${host}:sub`]: subject };
  return {
    Version: "2012-10-17" as const,
    Statement: [
      {
        Sid: "Muster",
        Effect: "Allow" as const,
        Principal: { Federated: providerArn },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition:
          operator === "StringEquals"
            ? { StringEquals: { ...audience, ...sub } }
            : { StringEquals: audience, StringLike: sub },
      },
    ],
  };
}

/** Which jobs, and how IAM compares. No part that a person gives has a wildcard: see pipelineProblems. */
function subjectOf(
  { issuer, repository, environment = "muster", branch = "main" }: PipelineIdentity,
  purpose: PipelinePurpose,
): readonly ["StringEquals" | "StringLike", string] {
  const deploys = purpose === "deploy";
  if (issuer === "github") {
    return ["StringEquals", `repo:${repository}:${deploys ? `environment:${environment}` : "pull_request"}`];
  }
  const branches = `project_path:${repository}:ref_type:branch:ref:`;
  return deploys ? ["StringEquals", branches + branch] : ["StringLike", `${branches}*`];
}

const WORD = "[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?";
const REPOSITORY = {
  github: /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})\/[A-Za-z0-9_.-]{1,100}$/,
  gitlab: new RegExp(`^${WORD}(?:/${WORD})+$`),
} as const;
const HOST = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/;
const BRANCH = /^[A-Za-z0-9_][A-Za-z0-9_./-]{0,254}$/;
const ENVIRONMENT = /^[A-Za-z0-9_][A-Za-z0-9_. -]{0,254}$/;

/** What is wrong with what a person gives, all at once; an empty list: nothing. Pure. */
export function pipelineProblems(pipeline: PipelineIdentity): readonly string[] {
  const { issuer, repository, environment, branch, host } = pipeline;
  const others = issuer === "github" ? ({ branch, host } as const) : ({ environment } as const);
  const other = issuer === "github" ? "gitlab" : "github";
  const wrong = (name: string, value: string | undefined, pattern: RegExp, allowed: string) =>
    value === undefined || pattern.test(value) ? [] : [`${name} is "${value}"; allowed: ${allowed}`];
  return [
    ...wrong(
      "repository",
      repository,
      REPOSITORY[issuer],
      issuer === "github" ? "OWNER/NAME of a repository" : "GROUP/NAME, the path of a project",
    ),
    ...Object.entries(others).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name} is "${value}"; allowed: only with the issuer ${other}`],
    ),
    ...(issuer === "github"
      ? wrong("environment", environment, ENVIRONMENT, "letters, digits, blanks and _.-")
      : [
          ...wrong("branch", branch, BRANCH, "one branch, without wildcards"),
          ...wrong("host", host, HOST, "a host's name, such as gitlab.example.com"),
        ]),
  ];
}
