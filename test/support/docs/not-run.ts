/** A block that the test of the docs can't run, and why. Whatever is in no such entry is run. */
interface NotRun {
  /** The block's name: its page and its first line. */
  readonly block: string;
  readonly reason: string;
}

export const NOT_RUN: readonly NotRun[] = [
  {
    block: "docs/guides/console.md: muster console --org demo --region us-east-1",
    reason: "serves until Ctrl-C: test/integration/console/command.test.ts drives it by a browser",
  },
  {
    block: "docs/guides/observing.md: muster cluster events --org demo --cluster alpha --since 2h",
    reason:
      "needs a cluster with a history, and the last one follows: test/unit/scripts/cli/events.test.ts runs both",
  },
  {
    block: "docs/guides/observing.md: aws s3 sync s3://BUCKET/logs/UUID/agents/ ./agents/",
    reason: "needs the AWS CLI and jq, and a cluster's bucket",
  },
  {
    block:
      "README.md: ./scripts/quickstart     # all set-up, then: deploy an org and a cluster, run an MPI job, show its output and log, destroy, prove nothing is left",
    reason:
      "the whole quickstart and the whole gate: test/e2e/journey/quickstart.test.ts runs the first, this is part of the second",
  },
  { block: "README.md: muster.yaml", reason: "a diagram" },
  {
    block: "docs/guides/usage.md: ./scripts/muster usage --org demo --region us-east-1",
    reason: "needs an org: test/unit/scripts/cli/usage.test.ts",
  },
  {
    block: "docs/guides/usage.md: ./scripts/muster cost --hours 160",
    reason: "needs a muster.yaml and a price list: test/unit/scripts/cli/usage.test.ts",
  },

  {
    block: "docs/guides/notebooks.md: python -m venv --without-pip ~/other",
    reason: "runs on a notebook's node, and needs a package index",
  },
  {
    block:
      "docs/guides/notebooks.md: pip install --user polars        # in a terminal; in a notebook: %pip install --user polars",
    reason: "runs on a notebook's node, and needs a package index",
  },
  {
    block: "README.md: mpiexec -n N -f /shared/.hostfile-<UUID> hostname",
    reason: "runs on a node: test/e2e/jobs/ranks.test.ts",
  },
  {
    block: "docs/guides/jobs.md: mpiexec -n N -f /shared/.hostfile-<UUID> hostname",
    reason: "runs on a node: test/e2e/jobs/ranks.test.ts",
  },
  {
    block:
      "docs/guides/jobs.md: python3 -c \"import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])\"",
    reason: "runs in a job: test/integration/agent/job-role.test.ts asks the endpoint as boto3 does",
  },
  {
    block:
      "docs/guides/jobs.md: muster git-credentials set github --host github.com --username ada <token.txt",
    reason: "needs a token and keys: test/integration/cli/git-credentials.test.ts gives it some",
  },
  {
    block: "docs/guides/tokens.md: muster token ca --cluster alpha >alpha-ca.pem",
    reason: "needs nodes: test/e2e/jobs/tokens.test.ts runs it as it stands",
  },
  {
    block:
      "docs/guides/tokens.md: curl --cacert alpha-ca.pem --header @alpha.header https://10.20.0.37:8470/v1/openapi.json",
    reason: "needs nodes: test/integration/agent/openapi.test.ts asks for the document",
  },
  {
    block: "docs/guides/images.md: npx cdktf deploy muster_demo_image_mpi",
    reason: "bakes an image, on a builder: test/e2e/clusters/image.test.ts does it",
  },
  {
    block: "docs/guides/tokens.md: muster token rotate --cluster alpha",
    reason: "needs nodes: test/e2e/jobs/tokens.test.ts does it while a job runs",
  },
  {
    block:
      'docs/guides/jobs.md: "retries": {"count": 2, "delaySeconds": 30, "on": ["node-loss", "timed-out"]}',
    reason: "a part of a request",
  },
  {
    block: "docs/guides/jobs.md: muster job run pi.py                 # shows the output as it comes",
    reason: "needs nodes: test/e2e/jobs/logs.test.ts follows a job so",
  },
  {
    block:
      "docs/guides/examples.md: ./scripts/muster job run --cluster alpha --folder examples/jobs/numpy-pi main.py",
    reason: "needs nodes: test/e2e/jobs/examples.test.ts sends the folder and runs it",
  },
  {
    block:
      "docs/guides/testing.md: npm run faults                                  # all of them; takes an hour, and needs root on Linux",
    reason: "the whole fault matrix: test/e2e/jobs/faults.test.ts runs its quickest rows",
  },
  {
    block:
      "docs/guides/testing.md: npm run examples                                      # all of them, each with both MPI libraries",
    reason: "all examples and demos: test/e2e/jobs/examples.test.ts runs the quick ones",
  },
  {
    block: "docs/guides/images.md: agent/image/recipe.sh",
    reason: "turns the machine into a node, for an AMI: the local image is made by the same recipe",
  },
  {
    block:
      'README.md: ./scripts/muster job run --cluster alpha --idempotency-key "$CI_PIPELINE_ID-train" --timeout 3h train.py',
    reason: "needs nodes: test/integration/cli/muster.test.ts runs it with a head that is played",
  },
  { block: "README.md: npm ci", reason: "downloads: scripts/setup/bootstrap.sh runs it before the gate" },
  {
    block: 'README.md: ./scripts/test                # everything; the last line reads "N passed, M failed"',
    reason: "the gate and its parts, the benchmarks, and clouds of one's own",
  },
  {
    block:
      'CONTRIBUTING.md: ./scripts/test                   # everything that CI runs; the last line reads "N passed, M failed"',
    reason: "the gate and the quickstart, as in README.md",
  },
  { block: "CONTRIBUTING.md: npm ci", reason: "downloads, as in README.md; the rest is the gate's" },
  {
    block: "CONTRIBUTING.md: npx jest test/unit/agent/time/loop.test.ts --selectProjects unit",
    reason: "a part of the gate, and a change of the sources",
  },
  {
    block: "docs/guides/testing.md: ./scripts/test                          # everything",
    reason: "the gate and parts of it",
  },
  {
    block:
      "docs/guides/access.md: muster cluster access --cluster alpha --add-my-ip --add-key ~/.ssh/id_ed25519.pub",
    reason: "asks an address service in the internet: test/unit/scripts/cli/access.test.ts plays it",
  },
  {
    block:
      "docs/guides/access.md: muster cluster hosts --cluster alpha            # the nodes' addresses, the cluster's UUID and its hostfile",
    reason: "needs nodes: test/e2e/jobs/access.test.ts runs the three",
  },
  {
    block: "docs/guides/access.md: ssh -i ~/.ssh/id_ed25519 muster@203.0.113.20",
    reason: "needs a node with a public address: test/e2e/jobs/access.test.ts logs in so",
  },
  {
    block: "docs/guides/access.md: ls -la /shared/.hostfile-<UUID>",
    reason: "runs on a node: test/e2e/jobs/access.test.ts types it",
  },
  {
    block: "docs/guides/access.md: muster cluster verify --cluster alpha",
    reason: "needs nodes: test/e2e/jobs/access.test.ts runs it",
  },
  {
    block: "docs/guides/notebooks.md: muster notebook open explore",
    reason: "needs a notebook: test/integration/cli/notebooks.test.ts opens one that is played",
  },
  {
    block: "docs/guides/notebooks.md: muster notebook open explore --no-browser --port 8888",
    reason: "needs a notebook: test/unit/scripts/cli/notebooks.test.ts",
  },
  {
    block: "docs/guides/notebooks.md: ssh -L 8888:127.0.0.1:8888 HOST",
    reason: "needs another machine",
  },
  {
    block: "docs/guides/notebooks.md: ls -la /shared/.hostfile-<UUID>",
    reason: "runs on a notebook's node: test/integration/cli/terminal.test.ts submits as there",
  },
  {
    block: "docs/guides/dedicated.md: ./scripts/muster reap --parked-longer-than 30d --dry-run",
    reason: "runs in a project's folder, on clusters that are parked: test/e2e/clusters/reap.test.ts",
  },
  {
    block:
      "docs/guides/performance.md: npm run bench                                   # all parts; those of clusters need root on Linux",
    reason: "takes an hour or more: test/integration/bench and test/e2e/bench run its parts in small sizes",
  },
  {
    block:
      "docs/guides/testing.md: npm run acceptance                               # in a local cloud of its own; needs root on Linux, takes about five minutes",
    reason: "takes minutes: test/e2e/journey/acceptance.test.ts plays it",
  },
  {
    block:
      "docs/guides/testing.md: npm run mutants                                 # 300 of them, the same each time",
    reason: "takes many minutes: test/unit/mutants has its rules",
  },
  {
    block: "docs/guides/preflight.md: ./scripts/muster check",
    reason: "needs an account that answers: test/integration/provider/preflight.test.ts",
  },
  {
    block: "docs/guides/orgs.md: muster cleanup --org demo --region us-east-1 --dry-run",
    reason: "needs a project that is deployed: test/unit/scripts/cli/cleanup.test.ts runs it",
  },
  {
    block: "docs/guides/orgs.md: muster cleanup --org demo --region us-east-1 --without-state --dry-run",
    reason: "needs an org whose state is lost: test/integration/cli/orgs.test.ts runs it",
  },
  {
    block: "docs/guides/orgs.md: muster doctor",
    reason: "its exit status is the machine's: test/unit/scripts/cli/doctor.test.ts runs it",
  },
  {
    block:
      "docs/guides/orgs.md: muster init demo --org demo --region us-east-1 --pipeline github --state-bucket acme-terraform-state",
    reason: "writes a project: test/unit/scripts/cli/init.test.ts runs it",
  },
  {
    block: "docs/guides/created.md: muster leftovers --org demo --region us-east-1",
    reason: "needs an org: README.md's is run",
  },
  {
    block: "docs/guides/first-cluster.md: npm install -g ./muster-0.1.0.tgz",
    reason:
      "installs the packed command: test/e2e/journey/new-user.test.ts types the same in an empty folder",
  },
  {
    block: "docs/guides/first-cluster.md: npx muster cost",
    reason: "asks AWS's price list, and an account: test/unit/docs/first-cluster.test.ts runs the first",
  },
  {
    block: "docs/guides/first-cluster.md: npx cdktf deploy muster_demo --auto-approve",
    reason: "bakes an image, on a builder; README.md and pipelines.md deploy the rest",
  },
  {
    block: "docs/guides/first-cluster.md: npx muster cluster show --cluster alpha",
    reason: "needs nodes: test/e2e/journey/quickstart.test.ts runs such a job",
  },
  {
    block: "docs/guides/first-cluster.md: npx cdktf destroy '*' --auto-approve",
    reason: "needs what was deployed: README.md's are run",
  },
  {
    block: `docs/guides/troubleshooting.md: muster doctor                            # this machine: versions, credentials, provider`,
    reason: "needs a machine, an account and a cluster: each command has a test of its own",
  },
  {
    block:
      "docs/guides/from-parallelcluster.md: muster job run --cluster alpha --folder . --processes 64 --time-limit 2h --retries 1 --requirements requirements.txt train.py --epochs 3",
    reason: "needs nodes: test/e2e/jobs/examples.test.ts sends a folder so",
  },
  { block: "docs/guides/pipelines.md: npm ci", reason: "downloads, as in README.md" },
  { block: "docs/guides/hcl.md: npm ci", reason: "downloads, as in README.md" },
  ...[
    "cluster.wind_tunnel",
    "fleet.wind_tunnel",
    "job_definition.nightly",
    "image.mpi",
    "notebook.explore",
    "teardown_guard.org",
  ].map((address) => ({
    block: `docs/resources/${address.replace(/\..*/, "")}.md: terraform import muster_${address} `,
    reason: "its id is made up: test/unit/docs/pages.test.ts gives it to the resource",
  })),
];

/** The entry for a block, if there is one. */
export const notRun = (blockName: string): NotRun | undefined =>
  NOT_RUN.find(({ block }) => (block.endsWith(" ") ? blockName.startsWith(block) : blockName === block));
