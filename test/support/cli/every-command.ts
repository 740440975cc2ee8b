import { eventItem } from "../../../agent/contract/event.js";
import type { JobDefinitionItem, JobItem } from "../../../agent/contract/registry.js";
import type { ListedImage } from "../../../scripts/cli/core/images.js";
import type { FakeWorld } from "./fake-world.js";
import { installOwnPackage } from "./own-package.js";

/** How a command is tried on an org that has one of each (shown-org.ts). */
export interface CommandCase {
  /** What follows the command's words; JOB: the id of the job that is there. --json comes before these. */
  readonly args?: readonly string[];
  /** Its exit status. */
  readonly exits?: number;
  /** What a person reads, on stdout or stderr. */
  readonly says: RegExp;
  /** Why it has no document with --json: what it says on stderr, and its exit status. */
  readonly noDocument?: { readonly exits: number; readonly says: RegExp };
  readonly prepare?: (world: FakeWorld, job: JobItem) => void;
}

const HERE = ["--org", "acme", "--cluster", "demo"];
const ORG = ["--org", "acme", "--region", "us-east-1"];
/** One stack, which is as it is declared. */
const prepareStack = (world: FakeWorld): void => {
  const stacks = { muster_acme: { workingDirectory: "stacks/muster_acme", dependencies: [] } };
  world.files.set("cdktf.json", Buffer.from("{}"));
  world.files.set("cdktf.out/manifest.json", Buffer.from(JSON.stringify({ stacks })));
  world.follows = (argv, onLine) => {
    if (argv.includes("show")) onLine(JSON.stringify({ resource_changes: [] }));
    return 0;
  };
};
const ended = (world: FakeWorld, job: JobItem): void => {
  const { status, phase, exitCode, endedAt, attempt, logState, logPrefix, log } = job;
  world.meanwhile = () =>
    world.changeJob({ status, phase, exitCode, endedAt, attempt, logState, logPrefix, log });
};
const interrupted = (world: FakeWorld): void => {
  world.meanwhile = () => world.interrupt();
};
const IMAGE: ListedImage = {
  ...{ id: "mpi-1.4.0-1f3a9c2b", family: "mpi", version: "1.4.0", createdAt: "2026-01-01T00:00:00.000Z" },
  ...{ isRelease: false, isReplaced: false, isWhole: true },
  copies: [{ region: "us-east-1", ami: null }],
};
const DEFINITION = {
  ...{ id: "d", name: "nightly", revision: 2, clusterUuid: "u", run: "manual", triggers: {} },
  request: { command: ["n.py"] },
} as unknown as JobDefinitionItem;
const POLICY: CommandCase = {
  args: ["--account", "123456789012"],
  says: /"Version": "2012-10-17"/,
};
/** Every command, by its words. A test compares them with the commands that there are. */
export const COMMAND_CASES: Readonly<Record<string, CommandCase>> = {
  init: {
    args: ["new", "--org", "new", "--region", "us-east-1", "--pipeline", "none"],
    says: /^wrote new\/muster\.yaml$/m,
    prepare: installOwnPackage,
  },
  doctor: {
    exits: 1,
    says: /MISSING +Node\.js/,
  },
  "job run": { args: [...HERE, "pi.py"], says: /^3\.$/m, prepare: ended },
  "job submit": { args: [...HERE, "pi.py"], says: /^job-[0-9a-f]{20}$/m },
  "job show": { args: [...HERE, "JOB"], says: /^status +FINISHED, ended$/m },
  "job list": { args: HERE, says: /^JOB +STATUS +ATTEMPT/m },
  "job logs": {
    args: [...HERE, "JOB"],
    says: /^3\.$/m,
  },
  "job wait": { args: [...HERE, "JOB"], says: /FINISHED with exit code 0/ },
  "job cancel": {
    args: [...HERE, "JOB"],
    says: /CANCELLED/,
    prepare: (world) =>
      world.changeJob({
        status: "NEW",
        phase: "queued",
        endedAt: null,
        exitCode: null,
        attempt: 0,
        log: null,
      }),
  },
  "job definitions": {
    args: HERE,
    says: /^nightly +2 +manual/m,
    prepare: (world) => world.definitions.set("nightly", DEFINITION),
  },
  "cluster list": { args: ORG, says: /^CLUSTER +STATUS +PHASE/m },
  "cluster show": { args: HERE, says: /^status +FINISHED, ready/m },
  "cluster events": {
    args: HERE,
    says: /cluster-ready +All 2 nodes are ready\.$/m,
    prepare: (world) =>
      void world.events.push(
        eventItem({ code: "cluster-ready", text: "All 2 nodes are ready." }, "e", new Date("2026-01-01")),
      ),
  },
  "cluster hosts": {
    args: HERE,
    says: /^NODE +KIND +ADDRESS/m,
  },
  "cluster ssh": {
    args: HERE,
    says: /^$/,
    noDocument: { exits: 2, says: /what a node prints is no document; leave --json out/ },
  },
  "cluster verify": {
    args: HERE,
    exits: 1,
    says: /2 of 2 nodes of demo fail\./,
  },
  "cluster access": {
    args: [...HERE, "--add-my-ip"],
    says: /cluster demo has 203\.0\.113\.7\/32 now/,
  },
  "cluster activity": {
    args: HERE,
    says: /^SOURCE +STATE/m,
  },
  "cluster keep-alive": {
    args: [...HERE, "--for", "1h"],
    says: /does not park before 2026-01-01T01:10:00\.000Z/,
  },
  "cluster park": { args: HERE, says: /cluster demo is PARKED/ },
  "cluster resume": { args: HERE, says: /cluster demo is ready: 2 nodes/ },
  "cluster resize": {
    args: [...HERE, "--nodes", "2"],
    says: /is to have 2 nodes already/,
  },
  "cluster repair": {
    args: HERE,
    says: /was not protected/,
  },
  "notebook list": { args: ORG, says: /^NOTEBOOK +CLUSTER/m },
  "notebook show": { args: [...ORG, "explore"], says: /^notebook +explore$/m },
  "notebook open": {
    args: [...ORG, "explore"],
    exits: 130,
    says: /notebook explore runs on/,
    noDocument: { exits: 130, says: /Ended by SIGINT/ },
    prepare: interrupted,
  },
  "notebook stop": { args: [...ORG, "explore"], says: /explore is PARKED/ },
  "notebook start": {
    args: [...ORG, "explore"],
    says: /explore is ready/,
  },
  "image list": {
    args: ORG,
    says: /^IMAGE +REGION +AMI/m,
    prepare: (world) => {
      world.images = [IMAGE];
    },
  },
  "account policy": POLICY,
  policy: POLICY,
  "account trust": {
    says: /"sts:ExternalId": "muster-2f0c1b8e/,
  },
  "account pipeline": {
    args: ["github", "acme/clusters"],
    says: /MUSTER_PLAN_ROLE_ARN=arn:aws:iam::123456789012:role\/muster-account\/pipeline-plan-acme-us-east-1$/m,
    prepare: (world) => {
      const declared = Buffer.from(world.files.get("muster.yaml") ?? "").toString();
      const text = `${declared}\nstate: {type: s3, bucket: acme-terraform-state}\n`;
      world.files.set("muster.yaml", Buffer.from(text));
    },
  },
  "account connect": {
    says: /arn:aws:iam::123456789012:role\/muster-account\/deploy-acme-us-east-1/,
    prepare: (world) => {
      world.answer = "AKIAIOSFODNN7EXAMPLE\nwJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n";
    },
  },
  "account check": {
    says: /^ok +external id: /m,
  },
  "account show": {
    says: /^role +arn:aws:iam::123456789012:role/m,
  },
  "git-credentials set": {
    args: [...ORG, "github", "--host", "github.com", "--username", "ada"],
    says: /Git credentials github: a password/,
  },
  "git-credentials list": {
    args: ORG,
    says: /^NAME +WHAT +CHANGED/m,
  },
  "git-credentials delete": {
    args: [...ORG, "github"],
    says: /are deleted/,
  },
  token: {
    args: [...HERE, "--role", "reader"],
    says: /this token is a secret/,
  },
  "token ca": {
    args: HERE,
    says: /^-----BEGIN CERTIFICATE-----$/m,
  },
  "token rotate": {
    args: HERE,
    says: /has a new secret \(version 2\)/,
  },
  "my-ip": { says: /^203\.0\.113\.7\/32$/m },
  tfrc: { says: /filesystem_mirror/ },
  check: {
    says: /no problems, 2 unchecked/,
  },
  cost: {
    args: ["--prices", "prices.json"],
    says: /^in all +0\.402 +293\.50$/m,
  },
  usage: {
    args: ORG,
    // The notebook's own node, since it is ready.
    says: /^demo .* m6i\.xlarge +5 /m,
  },
  console: {
    args: [...ORG, "--no-browser"],
    exits: 130,
    says: /console of org acme in us-east-1 is open at http:\/\/127\.0\.0\.1:\d+\//,
    prepare: (world) => void setTimeout(() => world.interrupt(), 300),
  },
  plan: {
    says: /^muster_acme: unchanged$/m,
    prepare: prepareStack,
  },
  deploy: {
    args: ["--yes"],
    says: /Running npx --no-install cdktf deploy/,
    prepare: prepareStack,
  },
  reap: {
    says: /^demo +kept: it is FINISHED/m,
  },
  cleanup: {
    args: [...ORG, "--dry-run"],
    says: /cdktf destroy muster_acme/,
    prepare: (world) => {
      world.clusters.length = 0;
      world.notebooks.delete("explore");
    },
  },
  leftovers: {
    args: ORG,
    says: /pending deletion: key k\nNothing of org acme is left in us-east-1/,
    prepare: (world) => {
      world.leftovers = { leftovers: [], pendingDeletion: [{ kind: "key", id: "k" }] };
    },
  },
  completion: {
    args: ["fish"],
    says: /^complete -c muster/m,
  },
};
