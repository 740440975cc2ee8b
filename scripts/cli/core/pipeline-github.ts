import { indented, PIPELINE_COMMANDS as RUN, TERRAFORM_VERSION, yamlText } from "./pipeline-commands.js";

/** Each by its commit, which can't be moved as a tag can. The commits are those of the tags in the repositories of their makers. */
const ACTIONS = {
  checkout: "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1",
  node: "actions/setup-node@820762786026740c76f36085b0efc47a31fe5020 # v7.0.0",
  terraform: "hashicorp/setup-terraform@dfe3c3f87815947d99a8997f908cb6525fc44e9e # v4.0.1",
  aws: "aws-actions/configure-aws-credentials@e6de054238d6b7531b4efff3b6587d9aade6a06c # v6.2.3",
} as const;

/** What each job does first. */
const steps = (role: string): string =>
  indented(6, [
    `- uses: ${ACTIONS.checkout}`,
    "  with:",
    "    persist-credentials: false",
    `- uses: ${ACTIONS.node}`,
    "  with:",
    "    node-version: 24",
    `- uses: ${ACTIONS.terraform}`,
    "  with:",
    `    terraform_version: ${TERRAFORM_VERSION}`,
    "    terraform_wrapper: false",
    `- uses: ${ACTIONS.aws}`,
    "  with:",
    `    role-to-assume: \${{ vars.${role} }}`,
    `    aws-region: \${{ env.AWS_REGION }}`,
    `- run: ${RUN.setUp}`,
  ]);

/** The comment of an earlier run is changed; the first run writes it. Nothing that a pull request's author writes is part of a command. */
const COMMENT = [
  "comments=repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments",
  `mine='.[] | select(.user.type == "Bot" and (.body | startswith("<!-- muster plan -->"))) | .id'`,
  'id=$(gh api --paginate "$comments" --jq "$mine" | head -n 1)',
  'if [ -n "$id" ]; then',
  '  gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" --field body=@plan.md',
  "else",
  '  gh api --silent --method POST "$comments" --field body=@plan.md',
  "fi",
] as const;

/** A workflow of GitHub Actions. Pure. */
export const renderGithub = ({
  region,
}: {
  readonly region: string;
}): string => `# Checks and plans each pull request, with the plan as a comment; deploys what is on main; looks for drift and reaps each night.
# No AWS key is stored: each job's own token is exchanged for a role (OIDC). A pull request from a fork gets no role.
#
# Set in the repository's settings, under "Actions", "Variables":
#   MUSTER_PLAN_ROLE_ARN    the role of pull requests, which may read
#   MUSTER_DEPLOY_ROLE_ARN  the role of the environment "muster", which may deploy; let only main deploy to that environment
# "npx muster account pipeline github OWNER/NAME" writes both roles as Terraform; docs/guides/pipelines.md of Muster explains them.
name: muster
on:
  pull_request:
  push:
    branches: [main]
  schedule:
    - cron: "17 3 * * *"
  workflow_dispatch: # by hand: what is left of an org after its destroy
permissions: {}
env:
  CI: "1"
  AWS_REGION: ${yamlText(region)}
jobs:
  plan:
    if: github.event_name == 'pull_request' && github.event.pull_request.head.repo.full_name == github.repository
    runs-on: ubuntu-latest
    timeout-minutes: 30
    concurrency:
      group: muster-plan-\${{ github.ref }}
      cancel-in-progress: true # a plan takes no lock
    permissions:
      contents: read
      id-token: write
      pull-requests: write
    steps:
${steps("MUSTER_PLAN_ROLE_ARN")}
      - run: ${RUN.check}
      - run: ${RUN.plan}
      - name: The plan as a comment
        if: \${{ !cancelled() && hashFiles('plan.md') != '' }}
        env:
          GH_TOKEN: \${{ github.token }}
          PULL_REQUEST: \${{ github.event.pull_request.number }}
        run: |
${indented(10, COMMENT)}

  deploy:
    if: github.event_name == 'push'
    runs-on: ubuntu-latest
    timeout-minutes: 120
    environment: muster
    concurrency:
      group: muster-deploy
      cancel-in-progress: false # a running apply is never cancelled
    permissions:
      contents: read
      id-token: write
    steps:
${steps("MUSTER_DEPLOY_ROLE_ARN")}
      - run: ${RUN.deploy}

  nightly:
    if: github.event_name == 'schedule'
    runs-on: ubuntu-latest
    timeout-minutes: 120
    environment: muster
    concurrency:
      group: muster-nightly
      cancel-in-progress: false
    permissions:
      contents: read
      id-token: write
    steps:
${steps("MUSTER_DEPLOY_ROLE_ARN")}
      - run: ${RUN.drift}
      - if: \${{ !cancelled() && hashFiles('drift.md') != '' }}
        run: cat drift.md >>"$GITHUB_STEP_SUMMARY"
      - if: \${{ !cancelled() }}
        run: ${RUN.reap}

  leftovers:
    if: github.event_name == 'workflow_dispatch'
    runs-on: ubuntu-latest
    timeout-minutes: 30
    environment: muster
    permissions:
      contents: read
      id-token: write
    steps:
${steps("MUSTER_DEPLOY_ROLE_ARN")}
      - run: ${RUN.leftovers}
`;
