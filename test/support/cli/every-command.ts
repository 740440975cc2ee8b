import type { JobItem } from "../../../agent/contract/registry.js";
import type { FakeWorld } from "./fake-world.js";
import { installOwnPackage } from "./own-package.js";

/** A type of JSON; `?` after it: or null. */
type Kind = "string" | "number" | "boolean" | "array" | "object" | "string?" | "number?" | "object?";
/** Every key of a document, with its type. Keys of an open one are those that programs rely on: it has more. */
export interface Shape {
  readonly keys: Readonly<Record<string, Kind>>;
  readonly isOpen?: boolean;
}

/** How a command is tried on an org that has one of each (shown-org.ts). */
export interface CommandCase {
  /** What follows the command's words; JOB: the id of the job that is there. --json comes before these. */
  readonly args?: readonly string[];
  /** Its exit status. */
  readonly exits?: number;
  /** What a person reads, on stdout or stderr. */
  readonly says: RegExp;
  /** Its document with --json. Or why it has none: what it says on stderr, and its exit status. */
  readonly document: Shape | { readonly exits: number; readonly says: RegExp };
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
const only = (keys: Shape["keys"]): Shape => ({ keys });
const JOB: Shape = {
  isOpen: true,
  keys: {
    ...{ id: "string", clusterUuid: "string", request: "object", status: "string", phase: "string" },
    ...{
      reasonCode: "string?",
      reason: "string?",
      submittedAt: "string",
      exitCode: "number?",
      attempt: "number?",
    },
  },
};
const CLUSTER: Shape = {
  isOpen: true,
  keys: {
    ...{ uuid: "string", org: "string", name: "string", clusterStatus: "string", phase: "string" },
    ...{
      reasonCode: "string?",
      reason: "string?",
      desiredNodes: "number",
      readyNodes: "number",
      cores: "number",
    },
  },
};
const NOTEBOOK: Shape = {
  isOpen: true,
  keys: {
    ...{ name: "string", org: "string", clusterUuid: "string", status: "string", phase: "string" },
    ...{ reasonCode: "string?", reason: "string?", instanceId: "string?", failingProbes: "array" },
  },
};
const ended = (world: FakeWorld, job: JobItem): void => {
  const { status, phase, exitCode, endedAt, attempt, logState, logPrefix, log } = job;
  world.meanwhile = () =>
    world.changeJob({ status, phase, exitCode, endedAt, attempt, logState, logPrefix, log });
};
const interrupted = (world: FakeWorld): void => {
  world.meanwhile = () => world.interrupt();
};
/** Every command, by its words. A test compares them with the commands that there are. */
export const COMMAND_CASES: Readonly<Record<string, CommandCase>> = {
  init: {
    args: ["new", "--org", "new", "--region", "us-east-1", "--pipeline", "none"],
    says: /^wrote new\/muster\.yaml$/m,
    document: only({
      ...{ folder: "string", files: "array", org: "string", region: "string", pipeline: "string" },
      stateBucket: "string?",
    }),
    prepare: installOwnPackage,
  },
  doctor: {
    exits: 1,
    says: /MISSING +Node\.js/,
    document: only({ isComplete: "boolean", findings: "array" }),
  },
  "job run": { args: [...HERE, "pi.py"], says: /^3\.$/m, document: JOB, prepare: ended },
  "job submit": { args: [...HERE, "pi.py"], says: /^job-[0-9a-f]{20}$/m, document: JOB },
  "job show": { args: [...HERE, "JOB"], says: /^status +FINISHED, ended$/m, document: JOB },
  "job list": { args: HERE, says: /^JOB +STATUS +ATTEMPT/m, document: only({ jobs: "array" }) },
  "job logs": {
    args: [...HERE, "JOB"],
    says: /^3\.$/m,
    document: only({
      ...{ jobId: "string", attempt: "number", status: "string", log: "object?", logPrefix: "string?" },
      lastLines: "array",
    }),
  },
  "job wait": { args: [...HERE, "JOB"], says: /FINISHED with exit code 0/, document: JOB },
  "job cancel": {
    args: [...HERE, "JOB"],
    says: /CANCELLED/,
    document: JOB,
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
    says: /has no job definition/,
    document: only({ definitions: "array" }),
  },
  "cluster list": { args: ORG, says: /^CLUSTER +STATUS +PHASE/m, document: only({ clusters: "array" }) },
  "cluster show": { args: HERE, says: /^status +FINISHED, ready/m, document: CLUSTER },
  "cluster events": { args: HERE, says: /Nothing has happened/, document: only({ events: "array" }) },
  "cluster hosts": {
    args: HERE,
    says: /^NODE +KIND +ADDRESS/m,
    document: only({ uuid: "string", name: "string", hostfile: "string", cores: "number", nodes: "array" }),
  },
  "cluster ssh": {
    args: HERE,
    says: /^$/,
    document: { exits: 2, says: /what a node prints is no document; leave --json out/ },
  },
  "cluster verify": {
    args: HERE,
    exits: 1,
    says: /2 of 2 nodes of demo fail\./,
    document: only({ uuid: "string", name: "string", nodes: "array" }),
  },
  "cluster access": {
    args: [...HERE, "--add-my-ip"],
    says: /cluster demo has 203\.0\.113\.7\/32 now/,
    document: only({ file: "string", cluster: "string", allowFrom: "array", hasChanged: "boolean" }),
  },
  "cluster activity": {
    args: HERE,
    says: /^SOURCE +STATE/m,
    document: only({
      ...{
        clusterStatus: "string",
        idleTimeoutMinutes: "number?",
        parksAt: "string?",
        observedAt: "string?",
      },
      ...{ idleSince: "string?", secondsLeft: "number?", keepAliveUntil: "string?", sources: "array" },
    }),
  },
  "cluster keep-alive": {
    args: [...HERE, "--for", "1h"],
    says: /does not park before 2026-01-01T01:10:00\.000Z/,
    document: only({ keepAliveUntil: "string" }),
  },
  "cluster park": { args: HERE, says: /cluster demo is PARKED/, document: CLUSTER },
  "cluster resume": { args: HERE, says: /cluster demo is ready: 2 nodes/, document: CLUSTER },
  "cluster resize": {
    args: [...HERE, "--nodes", "2"],
    says: /is to have 2 nodes already/,
    document: CLUSTER,
  },
  "cluster repair": {
    args: HERE,
    says: /was not protected/,
    document: only({ uuid: "string", protectedSince: "string?", repaired: "boolean" }),
  },
  "notebook list": { args: ORG, says: /^NOTEBOOK +CLUSTER/m, document: only({ notebooks: "array" }) },
  "notebook show": { args: [...ORG, "explore"], says: /^notebook +explore$/m, document: NOTEBOOK },
  "notebook open": {
    args: [...ORG, "explore"],
    exits: 130,
    says: /notebook explore runs on/,
    document: { exits: 130, says: /Ended by SIGINT/ },
    prepare: interrupted,
  },
  "notebook stop": { args: [...ORG, "explore"], says: /explore is PARKED/, document: NOTEBOOK },
  "notebook start": {
    args: [...ORG, "explore"],
    says: /explore is ready/,
    document: NOTEBOOK,
  },
  "image list": { args: ORG, says: /has no image/, document: only({ images: "array" }) },
  "account policy": {
    args: ["--account", "123456789012"],
    says: /"Version": "2012-10-17"/,
    document: { isOpen: true, keys: { roleName: "string", policies: "array" } },
  },
  "account trust": {
    says: /"sts:ExternalId": "muster-2f0c1b8e/,
    document: only({ roleName: "string", principal: "string", externalId: "string", policy: "object" }),
  },
  "account pipeline": {
    args: ["github", "acme/clusters"],
    says: /MUSTER_PLAN_ROLE_ARN=arn:aws:iam::123456789012:role\/muster-account\/pipeline-plan-acme-us-east-1$/m,
    document: only({
      ...{ file: "string", accountId: "string", identityProvider: "object", roles: "array" },
    }),
    prepare: (world) => {
      const declared = Buffer.from(world.files.get("muster.yaml") ?? "").toString();
      const text = `${declared}\nstate: {type: s3, bucket: acme-terraform-state}\n`;
      world.files.set("muster.yaml", Buffer.from(text));
    },
  },
  "account connect": {
    says: /arn:aws:iam::123456789012:role\/muster-account\/deploy-acme-us-east-1/,
    document: only({
      ...{ account: "string", roleArn: "string", externalId: "string" },
      ...{ wasThere: "boolean", isProven: "boolean" },
    }),
    prepare: (world) => {
      world.answer = "AKIAIOSFODNN7EXAMPLE\nwJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n";
    },
  },
  "account check": {
    says: /^ok +external id: /m,
    document: only({ account: "string?", roleArn: "string", findings: "array" }),
  },
  "account show": {
    says: /^role +arn:aws:iam::123456789012:role/m,
    document: only({
      ...{ org: "string", region: "string", account: "string?", roleArn: "string?", externalId: "string?" },
      ...{ stsRegion: "string", caller: "string?" },
    }),
  },
  "git-credentials set": {
    args: [...ORG, "github", "--host", "github.com", "--username", "ada"],
    says: /Git credentials github: a password/,
    document: only({ name: "string", kind: "string", host: "string" }),
  },
  "git-credentials list": {
    args: ORG,
    says: /^NAME +WHAT +CHANGED/m,
    document: only({ gitCredentials: "array" }),
  },
  "git-credentials delete": {
    args: [...ORG, "github"],
    says: /are deleted/,
    document: only({ name: "string" }),
  },
  token: {
    args: [...HERE, "--role", "reader"],
    says: /this token is a secret/,
    document: only({ clusterUuid: "string", role: "string", token: "string" }),
  },
  "token ca": {
    args: HERE,
    says: /^-----BEGIN CERTIFICATE-----$/m,
    document: only({ clusterUuid: "string", certificates: "array" }),
  },
  "token rotate": {
    args: HERE,
    says: /has a new secret \(version 2\)/,
    document: only({ clusterUuid: "string", version: "number", oldUntil: "string" }),
  },
  "my-ip": { says: /^203\.0\.113\.7\/32$/m, document: only({ range: "string" }) },
  tfrc: { says: /filesystem_mirror/, document: { isOpen: true, keys: {} } },
  check: {
    says: /no problems, 2 unchecked/,
    document: only({ org: "string", region: "string", skipped: "array", findings: "array" }),
  },
  cost: {
    args: ["--prices", "prices.json"],
    says: /^in all +0\.402 +293\.50$/m,
    document: only({
      ...{ org: "string", region: "string", hours: "number", efsGb: "number", items: "array" },
      ...{ usdPerHour: "number?", usdPerMonth: "number?", notes: "array" },
    }),
  },
  usage: {
    args: ORG,
    // The notebook's own node, since it is ready.
    says: /^demo .* m6i\.xlarge +5 /m,
    document: only({
      ...{ org: "string", region: "string", month: "string", by: "string", rows: "array" },
      ...{ minutes: "number", costUsd: "number?", unpriced: "array" },
    }),
  },
  console: {
    args: [...ORG, "--no-browser"],
    exits: 130,
    says: /console of org acme in us-east-1 is open at http:\/\/127\.0\.0\.1:\d+\//,
    document: only({ org: "string", region: "string", url: "string", isReadOnly: "boolean" }),
    prepare: (world) => void setTimeout(() => world.interrupt(), 300),
  },
  plan: {
    says: /^muster_acme: unchanged$/m,
    document: only({ stacks: "array" }),
    prepare: prepareStack,
  },
  deploy: {
    args: ["--yes"],
    says: /Running npx --no-install cdktf deploy/,
    document: only({ org: "string", region: "string", exitCode: "number" }),
    prepare: prepareStack,
  },
  reap: {
    says: /^demo +kept: it is FINISHED/m,
    document: only({ isDryRun: "boolean", clusters: "array" }),
  },
  cleanup: {
    args: [...ORG, "--dry-run"],
    says: /cdktf destroy muster_acme/,
    document: only({ isDryRun: "boolean", argv: "array", leftovers: "array", pendingDeletion: "array" }),
    prepare: (world) => {
      world.clusters.length = 0;
      world.notebooks.delete("explore");
    },
  },
  leftovers: {
    args: ORG,
    says: /Nothing of org acme is left in us-east-1/,
    document: only({ leftovers: "array", pendingDeletion: "array" }),
  },
  completion: {
    args: ["fish"],
    says: /^complete -c muster/m,
    document: only({ name: "string", options: "array", commands: "array" }),
  },
};
