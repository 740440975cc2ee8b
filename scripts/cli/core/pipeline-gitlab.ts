import { indented, PIPELINE_COMMANDS as RUN, TERRAFORM_VERSION, yamlText } from "./pipeline-commands.js";

/** Terraform's own archive, checked by its published sum. */
const SET_UP = [
  "AWS_WEB_IDENTITY_TOKEN_FILE=$(mktemp)",
  `export AWS_WEB_IDENTITY_TOKEN_FILE AWS_ROLE_ARN="$ROLE" AWS_ROLE_SESSION_NAME="gitlab-$CI_JOB_ID"`,
  `printf %s "$AWS_ID_TOKEN" >"$AWS_WEB_IDENTITY_TOKEN_FILE"`,
  `releases="https://releases.hashicorp.com/terraform/$TERRAFORM"`,
  `curl -fsSLO "$releases/terraform_\${TERRAFORM}_linux_amd64.zip"`,
  `curl -fsSL "$releases/terraform_\${TERRAFORM}_SHA256SUMS" | sha256sum --check --ignore-missing`,
  `unzip -q -o "terraform_\${TERRAFORM}_linux_amd64.zip" terraform -d /usr/local/bin`,
  RUN.setUp,
] as const;

/** GitLab's own token of a job may write no notes: that takes a project access token. Without one the plan is an artifact alone. */
const COMMENT = [
  `if [ -z "\${MUSTER_GITLAB_TOKEN:-}" ]; then echo "There is no MUSTER_GITLAB_TOKEN: the plan is in plan.md."; exit 0; fi`,
  "token=$(mktemp)",
  'printf "header = \\"PRIVATE-TOKEN: %s\\"\\n" "$MUSTER_GITLAB_TOKEN" >"$token"',
  "notes=$CI_API_V4_URL/projects/$CI_PROJECT_ID/merge_requests/$CI_MERGE_REQUEST_IID/notes",
  `mine='JSON.parse(fs.readFileSync(0)).find(({ body }) => body.startsWith("<!-- muster plan -->"))?.id ?? ""'`,
  'id=$(curl -fsS --config "$token" "$notes?per_page=100&sort=asc" | node -p "$mine")',
  'if [ -n "$id" ]; then',
  '  curl -fsS -o /dev/null --config "$token" --request PUT --data-urlencode body@plan.md "$notes/$id"',
  "else",
  '  curl -fsS -o /dev/null --config "$token" --request POST --data-urlencode body@plan.md "$notes"',
  "fi",
] as const;

/** A configuration of GitLab CI. Pure. */
export const renderGitlab = ({
  region,
}: {
  readonly region: string;
}): string => `# Checks and plans each merge request, with the plan as a note; deploys what is on the default branch; looks for drift and reaps in
# scheduled pipelines. No AWS key is stored: each job's own token is exchanged for a role (OIDC), by the AWS SDKs themselves. A merge
# request from a fork gets no role.
#
# Set in the project's settings, under "CI/CD", "Variables":
#   MUSTER_PLAN_ROLE_ARN    the role of all branches, which may read
#   MUSTER_DEPLOY_ROLE_ARN  the role of the default branch, which may deploy
#   MUSTER_GITLAB_TOKEN     masked: a project access token with the scope "api", for the note; may be left out
# "npx muster account pipeline gitlab GROUP/NAME" writes both roles as Terraform; docs/guides/pipelines.md of Muster explains them.
workflow:
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH

variables:
  AWS_REGION: ${yamlText(region)}
  TERRAFORM: ${TERRAFORM_VERSION}

default:
  image: node:24
  id_tokens:
    AWS_ID_TOKEN:
      aud: $CI_SERVER_URL
  before_script:
${indented(4, SET_UP, "- ")}

plan:
  variables:
    ROLE: $MUSTER_PLAN_ROLE_ARN
  timeout: 30 minutes
  interruptible: true # a plan takes no lock
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  script:
    - ${RUN.check}
    - ${RUN.plan}
    - |
${indented(6, COMMENT)}
  artifacts:
    when: always
    paths: [plan.md]
    expire_in: 1 week

deploy:
  variables:
    ROLE: $MUSTER_DEPLOY_ROLE_ARN
  timeout: 2 hours
  interruptible: false # a running apply is never cancelled
  resource_group: muster-deploy
  rules:
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH && $CI_PIPELINE_SOURCE == "push"
  script:
    - ${RUN.deploy}

drift:
  variables:
    ROLE: $MUSTER_DEPLOY_ROLE_ARN
  timeout: 30 minutes
  rules:
    - if: $CI_PIPELINE_SOURCE == "schedule"
  script:
    - ${RUN.drift}
  artifacts:
    when: always
    paths: [drift.md]
    expire_in: 1 week

reap:
  variables:
    ROLE: $MUSTER_DEPLOY_ROLE_ARN
  timeout: 2 hours
  interruptible: false
  resource_group: muster-deploy
  rules:
    - if: $CI_PIPELINE_SOURCE == "schedule"
  script:
    - ${RUN.reap}

leftovers:
  variables:
    ROLE: $MUSTER_DEPLOY_ROLE_ARN
  timeout: 30 minutes
  rules:
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH && $CI_PIPELINE_SOURCE == "web"
  script:
    - ${RUN.leftovers}
`;
