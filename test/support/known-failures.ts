import type { KnownFailure } from "./known-failure.js";
import { LIFE, LINKS } from "./known-failures-of-clusters.js";

/** Commands, pages and packages. */
const COMMANDS: readonly KnownFailure[] = [
  {
    reports: ["webpack/webpack-dev-server#887", "nesquena/hermes-webui#3495"],
    wentWrong: "a page whose name was pointed at the machine passed, for Origin and Host were the same",
    tests: [
      ["unit/scripts/cli/console/guard", "with another Host fails, whatever its Origin says"],
      ["unit/scripts/cli/console/guard", "an upgrade with another Host fails"],
      ["integration/cli/forwarder", "a rebound name that posts"],
      ["integration/cli/forwarder", "a rebound name that upgrades"],
      ["integration/agent/notebook-proxy", "a rebound host"],
    ],
  },
  {
    reports: ["open-constructs/cdk-terrain#283", "hashicorp/terraform-cdk#771"],
    wentWrong: "a Ctrl-C killed Terraform, or left it alone",
    tests: [
      ["integration/cli/interrupt", "one SIGINT to a real Terraform"],
      ["unit/scripts/cli/follow-program", "gets one SIGINT, and ends by itself"],
      ["unit/scripts/cli/follow-program", "is killed with all its children where it goes on after that"],
      ["integration/cli/pipelines", "is explained by a deploy, and removed by the commands that it names"],
    ],
  },
  {
    reports: ["aws/agentcore-cli#982", "hashicorp/terraform-cdk#827"],
    wentWrong: "a deploy without a terminal crashed, once with exit status 0",
    tests: [
      ["unit/scripts/cli/deploy", "with closed stdin and without --yes fails, names the option"],
      ["unit/scripts/cli/cleanup", "removes nothing without a terminal, and names the option"],
      ["integration/cli/orgs", "fails with closed stdin, naming the options"],
      ["integration/docs/commands", "a deploy that asks where there is no terminal"],
    ],
  },
  {
    reports: ["superfly/flyctl#974"],
    wentWrong: "a notice of an update broke --json",
    tests: [["unit/scripts/cli/every-command", "with --json prints one document by its schema on stdout"]],
  },
  {
    reports: ["skypilot-org/skypilot#1162"],
    wentWrong: "completion took seconds",
    tests: [["unit/scripts/cli/completion", "starts no program, says nothing else"]],
  },
  {
    reports: ["hashicorp/terraform#27135"],
    wentWrong: "the lock file had the hashes of one platform",
    tests: [
      [
        "integration/provider/registry",
        "Terraform locks it for every platform and installs what it has locked",
      ],
    ],
  },
  {
    reports: ["hashicorp/terraform#33984"],
    wentWrong: "a key had expired, and old releases could not be installed",
    tests: [["unit/package/sign", "and not by one that expires on"]],
  },
  {
    reports: ["hashicorp/terraform-cdk#627", "hashicorp/terraform-cdk#2319"],
    wentWrong: "narrow ranges of peers blocked an install",
    tests: [
      [
        "integration/package/library",
        "with the lowest version of each peer, which npm installs without force",
      ],
      ["integration/package/library", "passes the sample project's own compiler and tests"],
      ["unit/package/pins", "no narrower range blocks an install"],
    ],
  },
  {
    reports: ["aws/jsii#4259"],
    wentWrong: "exports lacked a branch",
    tests: [
      ["integration/package/library", "is loaded by %s, and by it a class exists once"],
      ["integration/package/library", "a program in CommonJS has the types too"],
    ],
  },
];

/** A test looks whether each of the tests, and of the faults, is there. */
export const KNOWN_FAILURES: readonly KnownFailure[] = [...LIFE, ...LINKS, ...COMMANDS];
