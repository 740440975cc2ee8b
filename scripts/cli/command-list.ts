import type { LazyCommand } from "./commands/lazy.js";

/** In the order of the help. Each is loaded when it is named: to load all of them would take longer than most of them need. */
export const COMMANDS: readonly LazyCommand[] = [
  {
    name: "init",
    summary: "writes a new org's project: muster.yaml, what npm and cdktf need, an example of a pipeline",
    add: async (...to) => (await import("./commands/init.js")).addInit(...to),
  },
  {
    name: "doctor",
    summary: "says what this machine lacks for Muster, and the next step for each",
    add: async (...to) => (await import("./commands/doctor.js")).addDoctor(...to),
  },
  {
    name: "job",
    summary: "runs and follows jobs",
    add: async (...to) => (await import("./commands/job.js")).addJob(...to),
  },
  {
    name: "cluster",
    summary: "shows, parks, resumes, resizes and repairs clusters, and logs in to nodes",
    add: async (...to) => (await import("./commands/cluster.js")).addCluster(...to),
  },
  {
    name: "notebook",
    summary: "opens, stops and starts notebooks",
    add: async (...to) => (await import("./commands/notebook.js")).addNotebook(...to),
  },
  {
    name: "image",
    summary: "lists images of nodes",
    add: async (...to) => (await import("./commands/image.js")).addImage(...to),
  },
  {
    name: "account",
    summary: "makes, checks and shows the role that leads to the org's account",
    add: async (...to) => (await import("./commands/account.js")).addAccount(...to),
  },
  {
    name: "git-credentials",
    summary: "keeps what opens private Git repositories",
    add: async (...to) => (await import("./commands/git-credentials.js")).addGitCredentials(...to),
  },
  {
    name: "token",
    summary: "prints a token for the agents' HTTPS API",
    add: async (...to) => (await import("./commands/token.js")).addToken(...to),
  },
  {
    name: "my-ip",
    summary: "prints this machine's public address, as access.allowFrom takes it",
    add: async (...to) => (await import("./commands/my-ip.js")).addMyIp(...to),
  },
  {
    name: "tfrc",
    summary: "prints Terraform's CLI configuration, which says where Muster's provider is",
    add: async (...to) => (await import("./commands/tfrc.js")).addTfrc(...to),
  },
  {
    name: "check",
    summary: "says what the account lacks of what muster.yaml asks for, before a deploy",
    add: async (...to) => (await import("./commands/check.js")).addCheck(...to),
  },
  {
    name: "plan",
    summary: "plans every stack of muster.yaml, for a person, for a comment, or to find drift",
    add: async (...to) => (await import("./commands/plan.js")).addPlan(...to),
  },
  {
    name: "deploy",
    summary: "deploys what muster.yaml declares, and explains a state that is locked",
    add: async (...to) => (await import("./commands/deploy.js")).addDeploy(...to),
  },
  {
    name: "cost",
    summary: "says what muster.yaml's clusters cost an hour, and a month, before they are deployed",
    add: async (...to) => (await import("./commands/cost.js")).addCost(...to),
  },
  {
    name: "policy",
    summary: "prints the policies that the role needs, as JSON for IAM",
    add: async (parent, session) =>
      (await import("./commands/policy.js")).addPolicy(parent, session, "muster policy"),
  },
  {
    name: "usage",
    summary: "shows what the org's clusters, or their jobs, have used in a month",
    add: async (...to) => (await import("./commands/usage.js")).addUsage(...to),
  },
  {
    name: "console",
    summary: "opens a page of the org on this machine, with your own credentials",
    add: async (...to) => (await import("./commands/console.js")).addConsole(...to),
  },
  {
    name: "reap",
    summary: "destroys the clusters that are finished with",
    add: async (...to) => (await import("./commands/reap.js")).addReap(...to),
  },
  {
    name: "cleanup",
    summary: "destroys an org's shared resources in a region, and proves that nothing is left",
    add: async (...to) => (await import("./commands/cleanup.js")).addCleanup(...to),
  },
  {
    name: "leftovers",
    summary: "lists what still exists of an org in the AWS account",
    add: async (...to) => (await import("./commands/leftovers.js")).addLeftovers(...to),
  },
  {
    name: "completion",
    summary: "prints the script that completes muster's words in your shell",
    add: async (parent, session) =>
      (await import("./commands/completion.js")).addCompletion(parent, session, COMMANDS),
  },
];
