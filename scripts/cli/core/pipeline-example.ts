import { stringify } from "yaml";

/** Where an example pipeline can run. */
export const PIPELINES = ["github", "gitlab", "none"] as const;
export type PipelineKind = (typeof PIPELINES)[number];

/** Why it is none of them; null: it is one. Pure. */
export const pipelineProblem = (kind: string): string | null =>
  PIPELINES.some((known) => known === kind)
    ? null
    : `the pipeline is "${kind}": give ${PIPELINES.join(", ")}`;

interface Place {
  readonly org: string;
  readonly region: string;
}

/** An example of a pipeline that plans each proposed change and deploys the main branch, with a role by OIDC; null: none is wanted. Pure. */
export function renderPipeline(kind: PipelineKind, place: Place): { path: string; text: string } | null {
  if (kind === "github") return { path: ".github/workflows/muster.yml", text: renderGithub(place) };
  if (kind === "gitlab") return { path: ".gitlab-ci.yml", text: renderGitlab(place) };
  return null;
}

/** So that a name such as `null` stays a text. */
const yamlText = (value: string): string => stringify(value).trim();

/** What both do before cdktf runs: package-lock.json says which packages, Muster's own among them. */
const SET_UP = ["npm ci"] as const;
const planOf = (org: string): string => `npx --no-install cdktf diff muster_${org} --skip-provider-lock`;
const DEPLOY = "npx --no-install cdktf deploy '*' --auto-approve --skip-provider-lock";

const lines = (indent: number, commands: readonly string[], mark = ""): string =>
  commands.map((command) => `${" ".repeat(indent)}${mark}${command}`).join("\n");

const renderGithub = ({
  org,
  region,
}: Place): string => `# Plans each pull request, and deploys what is on main. No AWS key is stored: the job's own token is exchanged for a role (OIDC).
#
# Set in the repository's settings, under "Actions", "Variables":
#   MUSTER_ROLE_ARN    the role to deploy with; its trust policy names token.actions.githubusercontent.com and this repository
# See docs/guides/pipelines.md in Muster's sources.
name: muster
on:
  pull_request:
  push:
    branches: [main]
permissions:
  id-token: write # to ask for the token
  contents: read
concurrency: muster-deploy # one at a time: Terraform's lock makes the second fail
jobs:
  deploy:
    runs-on: ubuntu-latest
    env:
      CI: "1"
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 24
      - uses: hashicorp/setup-terraform@v3
        with:
          terraform_version: 1.11.4
          terraform_wrapper: false
      - uses: aws-actions/configure-aws-credentials@v4
        with:
          role-to-assume: \${{ vars.MUSTER_ROLE_ARN }}
          aws-region: ${yamlText(region)}
      - run: |
${lines(10, SET_UP)}
      - if: github.event_name == 'pull_request'
        run: ${planOf(org)}
      - if: github.event_name == 'push'
        run: ${DEPLOY}
`;

const renderGitlab = ({
  org,
  region,
}: Place): string => `# Plans each merge request, and deploys what is on the default branch. No AWS key is stored: the job's own token is exchanged for a
# role (OIDC), by the AWS SDKs themselves.
#
# Set in the project's settings, under "CI/CD", "Variables":
#   MUSTER_ROLE_ARN    the role to deploy with; its trust policy names this GitLab and this project
# See docs/guides/pipelines.md in Muster's sources.
default:
  image: node:24
  id_tokens:
    AWS_ID_TOKEN:
      aud: $CI_SERVER_URL
  before_script:
    - export AWS_ROLE_ARN="$MUSTER_ROLE_ARN" AWS_WEB_IDENTITY_TOKEN_FILE="$(mktemp)"
    - printf %s "$AWS_ID_TOKEN" > "$AWS_WEB_IDENTITY_TOKEN_FILE"
    - curl -fsSLO "https://releases.hashicorp.com/terraform/$TERRAFORM/terraform_\${TERRAFORM}_linux_amd64.zip"
    - curl -fsSL "https://releases.hashicorp.com/terraform/$TERRAFORM/terraform_\${TERRAFORM}_SHA256SUMS" | sha256sum --check --ignore-missing
    - unzip -q -o "terraform_\${TERRAFORM}_linux_amd64.zip" terraform -d /usr/local/bin
${lines(4, SET_UP, "- ")}

variables:
  AWS_REGION: ${yamlText(region)}
  TERRAFORM: 1.11.4

plan:
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  script:
    - ${planOf(org)}

deploy:
  resource_group: muster-deploy # one at a time: Terraform's lock makes the second fail
  rules:
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  script:
    - ${DEPLOY}
`;
