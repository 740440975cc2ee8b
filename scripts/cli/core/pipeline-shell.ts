import { PIPELINE_COMMANDS as RUN } from "./pipeline-commands.js";

/** A script for any other system: each task is one of its jobs. Pure. */
export const renderShell = ({ region }: { readonly region: string }): string => `#!/usr/bin/env bash
# The tasks of a pipeline, for any system that runs a shell: bash muster-pipeline.sh TASK, in the project's folder.
#
#   plan       for each proposed change: checks the account and plans; plan.md is Markdown for a comment
#   deploy     for what is on the main branch; one at a time, and never cancelled while it runs
#   drift      each night: fails where AWS has something else than muster.yaml declares; drift.md says what
#   reap       each night: destroys the clusters that are finished with
#   leftovers  after a destroy: fails while something of the org is there
#
# It needs Node.js 22 or newer, Terraform 1.11 or newer, and AWS credentials that the AWS SDKs find: a web identity or an instance's role,
# and no stored key.
set -euo pipefail
export CI=1 AWS_REGION="\${AWS_REGION:-${region}}"

case "\${1:-}" in
plan | deploy | drift | reap | leftovers) ${RUN.setUp} ;;
*)
  echo "Usage: bash muster-pipeline.sh plan|deploy|drift|reap|leftovers" >&2
  exit 2
  ;;
esac

case "$1" in
plan)
  ${RUN.check}
  ${RUN.plan}
  ;;
deploy) exec ${RUN.deploy} ;;
drift) ${RUN.drift} ;;
reap) exec ${RUN.reap} ;;
leftovers) ${RUN.leftovers} ;;
esac
`;
