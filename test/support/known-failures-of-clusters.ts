import type { KnownFailure } from "./known-failure.js";

/** Idle, park, resume, replace. */
export const LIFE: readonly KnownFailure[] = [
  {
    reports: ["aws/aws-parallelcluster#1145"],
    wentWrong: "a later submission made instances terminate that held work",
    tests: [
      ["e2e/clusters/resize", "a cluster that shrinks while a job runs keeps all its nodes"],
      ["unit/agent/head/shrink", "ends no node that a job uses"],
      ["unit/agent/contract/park", "and runs keeps every node: no park ends one that holds work"],
    ],
  },
  {
    reports: ["kubernetes-sigs/karpenter#3185"],
    wentWrong: "a node that was judged empty got work, and was deleted",
    tests: [
      ["e2e/clusters/idle", "a job that is submitted while the nodes of a park still go"],
      ["unit/agent/idle/idle", "does not for a job that its own look missed: the consistent one sees it"],
      [
        "unit/agent/head/replacements",
        "is never ended, though a job came to it between the verdict and the end",
      ],
    ],
  },
  {
    reports: ["cattle-ops/terraform-aws-gitlab-runner#1375"],
    wentWrong: "another instance type replaced workers that held work",
    tests: [
      [
        "unit/stacks/cluster-stack",
        "does not end a node where the template changes, as by another instance type",
      ],
      [
        "integration/stacks/deploy",
        "a change of size and of the nodes' disk updates template, group and fleet in place",
      ],
    ],
  },
  {
    reports: ["dask/distributed#5675"],
    wentWrong: "a cluster stopped as idle after 18 hours, with work left",
    tests: [
      ["unit/agent/idle/idle", "does not while a job runs, however long and silent"],
      [
        "unit/agent/idle/idle",
        "does not while the loop that reads the queue is blocked, or a node is silent",
      ],
      ["unit/agent/idle/decide", "what is unknown keeps it: a head whose loops are blocked"],
    ],
  },
  {
    reports: ["skypilot-org/skypilot#715"],
    wentWrong: "set-up counted as idle time",
    tests: [["unit/agent/idle/decide", "set-up, fetch and staging are a job's"]],
  },
  {
    reports: ["skypilot-org/skypilot#1410"],
    wentWrong: "a worker was lost, and the others waited for it",
    tests: [
      ["unit/agent/jobs/runner", "ends a job whose node is lost, and names the node"],
      ["unit/agent/jobs/lost-hosts", "is asked, and lost when no sign comes"],
      ["e2e/jobs/faults", "freeze-worker running"],
    ],
    faults: ["freeze-worker", "cut-worker", "kill-worker", "lose-worker", "terminate-worker"],
  },
  {
    reports: ["aws/aws-parallelcluster#7465"],
    wentWrong: "nodes on a bad machine were replaced without end",
    tests: [
      ["unit/agent/head/replacements", "a place where every node is bad"],
      [
        "unit/agent/head/replacement-plan",
        "are not replaced for ever: the fleet is protected, with the reason",
      ],
      ["unit/agent/head/observation", "a protected fleet says so where nodes are missing, and what to do"],
    ],
  },
  {
    reports: ["nib-health-funds/hammertime#29"],
    wentWrong: "the first lack of capacity ended a start",
    tests: [
      ["unit/agent/idle/idle", "that gets 20 of 32 nodes waits, then gives all up and says so"],
      ["integration/provider/fleet-failures", "a lack of capacity is waited out for a while"],
    ],
  },
  {
    reports: ["aws/aws-parallelcluster#4274"],
    wentWrong: "the idle time began anew with an update, and nodes stayed",
    tests: [
      ["unit/agent/idle/idle", "counts on where an update changes what it counts to"],
      ["unit/agent/idle/idle", "after another counts on from where the last activity was"],
    ],
  },
  {
    reports: ["aws/aws-node-termination-handler#458"],
    wentWrong: "a hint took nodes out that EC2 never took",
    tests: [
      ["unit/agent/head/replacement-plan", "a hint changes nothing: most come to nothing"],
      ["unit/agent/head/replacements", "a notice that is taken back lets the node return"],
      ["e2e/jobs/faults", "rebalance-worker idle"],
    ],
    faults: ["rebalance-worker"],
  },
];

/** TLS, tokens, heartbeats. */
export const LINKS: readonly KnownFailure[] = [
  {
    reports: ["hashicorp/nomad#3840"],
    wentWrong: "another leader had all nodes for lost",
    tests: [
      ["unit/agent/head/failover", "a new head of 1,000 nodes takes none for lost while they come"],
      ["integration/agent/scale", "none is declared lost but the head"],
    ],
  },
  {
    reports: ["kubernetes/website#42944"],
    wentWrong: "a cluster that was off for longer than its certificates lasted could not start",
    tests: [
      ["unit/agent/node/cluster-keys", "a cluster that was off for 400 days"],
      ["unit/agent/contract/tls/authority", "has no date that a cluster could outlive"],
    ],
  },
  {
    reports: ["ray-project/ray#11624"],
    wentWrong: "a busy disk delayed heartbeats, and nodes were taken for dead",
    tests: [
      ["unit/agent/head/members", "late, as its job keeps it busy"],
      ["unit/agent/peers/head-link", "has longer where it has answered late before"],
    ],
    faults: ["busy-nodes", "busy-network"],
  },
  {
    reports: ["hashicorp/nomad#4413"],
    wentWrong: "what was rotated failed what ran",
    tests: [
      ["e2e/jobs/tokens", "fails neither it, nor who follows it, nor the links"],
      ["integration/agent/rotation", "a token of before"],
    ],
  },
  {
    reports: ["openabdev/openab#1102"],
    wentWrong: "a connection that was half open looked in order for 23 hours",
    tests: [
      [
        "unit/agent/peers/peers",
        "a connection that the network has dropped without a word is replaced within a few heartbeats",
      ],
      ["unit/agent/peers/head-link", "is tried anew after two heartbeats"],
      ["unit/agent/peers/head-link", "asks a head that does not ask in time"],
    ],
  },
  {
    reports: ["elastic/elastic-agent#13874"],
    wentWrong: "a wait that began anew brought all agents together",
    tests: [
      [
        "unit/agent/peers/dial-delay",
        "do so through a head's whole restart: a failure never brings them closer together",
      ],
    ],
  },
  {
    reports: ["moby/moby#25112"],
    wentWrong: "a clock was slow, so a certificate was not valid yet, and nothing said so",
    tests: [
      ["integration/agent/rotation", "is reached all the same"],
      ["integration/agent/rotation", "is refused with an error that names the clocks"],
    ],
    faults: ["clock-skew"],
  },
];
