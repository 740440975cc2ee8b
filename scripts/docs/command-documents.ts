import type { Page } from "./pages.js";

/**
 * A type of JSON; `?` after it: or null. `[Name]`: a list, each of whose elements has that shape; `[string]`: of texts; `list`: of what is told
 * in words.
 */
type Kind =
  | "string"
  | "number"
  | "boolean"
  | "object"
  | "list"
  | `${"string" | "number" | "object"}?`
  | `[${string}]`;

/** The keys of an object, with their types. Of an open one these are the keys that programs may rely on: it has more. */
export interface Shape {
  readonly keys: Readonly<Record<string, Kind>>;
  readonly isOpen?: boolean;
}

const only = (keys: Shape["keys"]): Shape => ({ keys });
const open = (keys: Shape["keys"]): Shape => ({ keys, isOpen: true });

/** What documents have in common, by name. */
export const SHAPES = {
  Job: open({
    ...{ id: "string", clusterUuid: "string", request: "object", status: "string", phase: "string" },
    ...{ reasonCode: "string?", reason: "string?", submittedAt: "string", endedAt: "string?" },
    ...{ exitCode: "number?", attempt: "number?", logState: "string", log: "object?", lastLines: "[string]" },
  }),
  Attempt: open({ number: "number", exitCode: "number?", reasonCode: "string?", reason: "string?" }),
  Definition: open({ id: "string", name: "string", lastJob: "object?" }),
  Cluster: open({
    ...{ uuid: "string", org: "string", name: "string", clusterStatus: "string", phase: "string" },
    ...{ reasonCode: "string?", reason: "string?", desiredNodes: "number", readyNodes: "number" },
    ...{ hostfileNodes: "number", cores: "number", headInstanceId: "string?", createdAt: "string" },
  }),
  Node: open({
    ...{ id: "string", address: "string", hostname: "string", cores: "number", kind: "string" },
    ...{ state: "string", failingProbes: "list", reasonCode: "string?" },
  }),
  Host: only({
    ...{ id: "string", address: "string", publicAddress: "string?", hostname: "string", cores: "number" },
    ...{ kind: "string", sshHostKeys: "[string]" },
  }),
  VerifiedNode: only({ id: "string", address: "string", via: "string", isOk: "boolean", checks: "list" }),
  Event: open({ id: "string", at: "string", code: "string", text: "string" }),
  ActivitySource: only({ source: "string", state: "string", lastAt: "string?", detail: "string?" }),
  Notebook: open({
    ...{ name: "string", org: "string", clusterUuid: "string", clusterName: "string?", status: "string" },
    ...{
      phase: "string",
      reasonCode: "string?",
      reason: "string?",
      instanceId: "string?",
      address: "string?",
    },
    failingProbes: "list",
  }),
  Image: open({
    ...{ id: "string", family: "string", version: "string", createdAt: "string", isRelease: "boolean" },
    ...{ isReplaced: "boolean", isWhole: "boolean", copies: "list", shares: "list" },
  }),
  Missing: only({ name: "string", state: "string", found: "string", next: "string?" }),
  AccountFinding: only({
    ...{ check: "string", state: "string", code: "string?", message: "string", next: "string?" },
  }),
  Preflight: open({ check: "string", is: "string", resource: "string", next: "string?" }),
  Policy: only({ name: "string", characters: "number", document: "object" }),
  PipelineRole: only({ purpose: "string", arn: "string", trustPolicy: "object", policies: "list" }),
  GitCredentials: only({ name: "string", description: "string", changedAt: "string?" }),
  CostItem: only({
    ...{ cluster: "string?", what: "string", count: "number", usdPerHour: "number?", usdPerMonth: "number?" },
  }),
  UsageRow: only({
    ...{
      key: "string",
      clusterUuid: "string?",
      instanceTypes: "[string]",
      minutes: "number",
      costUsd: "number?",
    },
  }),
  StackPlan: only({
    ...{
      stack: "string",
      result: "string",
      why: "string?",
      changes: "list",
      outputs: "list",
      drifted: "list",
    },
  }),
  Reaped: only({ name: "string", uuid: "string", result: "string", why: "string?", seconds: "number?" }),
  Thing: only({ kind: "string", id: "string" }),
  Words: only({ name: "string", options: "[string]", commands: "[Words]" }),
} as const satisfies Readonly<Record<string, Shape>>;

const { Job, Cluster, Notebook } = SHAPES;
const left = { leftovers: "[Thing]", pendingDeletion: "[Thing]" } as const;
const policies = only({ roleName: "string", policies: "[Policy]" });

/** The document of each command with --json, by its words. A test compares them with the commands and with what they print. */
export const COMMAND_DOCUMENTS: Readonly<Record<string, Shape>> = {
  init: only({
    ...{ folder: "string", files: "[string]", org: "string", region: "string", pipeline: "string" },
    stateBucket: "string?",
  }),
  doctor: only({ isComplete: "boolean", findings: "[Missing]" }),
  "job run": Job,
  "job submit": Job,
  "job show": open({ ...Job.keys, attempts: "[Attempt]" }),
  "job list": only({ jobs: "[Job]" }),
  "job logs": only({
    ...{ jobId: "string", attempt: "number?", status: "string", log: "object?", logPrefix: "string?" },
    lastLines: "[string]",
  }),
  "job wait": Job,
  "job cancel": Job,
  "job definitions": only({ definitions: "[Definition]" }),
  "cluster list": only({ clusters: "[Cluster]" }),
  "cluster show": open({ ...Cluster.keys, nodes: "[Node]" }),
  "cluster events": only({ events: "[Event]" }),
  "cluster hosts": only({
    ...{ uuid: "string", name: "string", hostfile: "string", cores: "number", nodes: "[Host]" },
  }),
  "cluster verify": only({ uuid: "string", name: "string", nodes: "[VerifiedNode]" }),
  "cluster access": only({ file: "string", cluster: "string", allowFrom: "[string]", hasChanged: "boolean" }),
  "cluster activity": only({
    ...{ clusterStatus: "string", idleTimeoutMinutes: "number?", parksAt: "string?", observedAt: "string?" },
    ...{
      idleSince: "string?",
      secondsLeft: "number?",
      keepAliveUntil: "string?",
      sources: "[ActivitySource]",
    },
  }),
  "cluster keep-alive": only({ keepAliveUntil: "string" }),
  "cluster park": Cluster,
  "cluster resume": Cluster,
  "cluster resize": Cluster,
  "cluster repair": only({ uuid: "string", protectedSince: "string?", repaired: "boolean" }),
  "notebook list": only({ notebooks: "[Notebook]" }),
  "notebook show": Notebook,
  "notebook stop": Notebook,
  "notebook start": Notebook,
  "image list": only({ images: "[Image]" }),
  "account policy": policies,
  policy: policies,
  "account trust": only({ roleName: "string", principal: "string", externalId: "string", policy: "object" }),
  "account pipeline": only({
    ...{ file: "string", accountId: "string", identityProvider: "object", roles: "[PipelineRole]" },
  }),
  "account connect": only({
    ...{
      account: "string",
      roleArn: "string",
      externalId: "string",
      wasThere: "boolean",
      isProven: "boolean",
    },
  }),
  "account check": only({ account: "string?", roleArn: "string?", findings: "[AccountFinding]" }),
  "account show": only({
    ...{ org: "string", region: "string", account: "string?", roleArn: "string?", externalId: "string?" },
    ...{ stsRegion: "string", caller: "string?" },
  }),
  "git-credentials set": only({ name: "string", kind: "string", host: "string" }),
  "git-credentials list": only({ gitCredentials: "[GitCredentials]" }),
  "git-credentials delete": only({ name: "string" }),
  token: only({ clusterUuid: "string", role: "string", token: "string" }),
  "token ca": only({ clusterUuid: "string", certificates: "[string]" }),
  "token rotate": only({ clusterUuid: "string", version: "number", oldUntil: "string" }),
  "my-ip": only({ range: "string" }),
  tfrc: only({ mirror: "string", awsMirror: "string?", text: "string" }),
  check: only({ org: "string", region: "string", skipped: "[string]", findings: "[Preflight]" }),
  cost: only({
    ...{ org: "string", region: "string", hours: "number", efsGb: "number", items: "[CostItem]" },
    ...{ usdPerHour: "number?", usdPerMonth: "number?", notes: "[string]" },
  }),
  usage: only({
    ...{ org: "string", region: "string", month: "string", by: "string", rows: "[UsageRow]" },
    ...{ minutes: "number", costUsd: "number?", unpriced: "[string]" },
  }),
  console: only({ org: "string", region: "string", url: "string", isReadOnly: "boolean" }),
  plan: only({ stacks: "[StackPlan]" }),
  deploy: only({ org: "string", region: "string", exitCode: "number" }),
  reap: only({ isDryRun: "boolean", clusters: "[Reaped]" }),
  cleanup: open({ isDryRun: "boolean", ...left }),
  leftovers: only(left),
  completion: only({ name: "string", options: "[string]", commands: "[Words]" }),
};

const INTRODUCTION = [
  "# What commands print with --json",
  "This page is generated by `npm run docs`: change the list in the code instead.",
  "With `--json` a command prints one document on stdout, on one line, and everything else on stderr. Programs may rely on the keys that are listed here, each with its type: `?` stands for null, `[Job]` for a list of what the second table calls Job, `list` for one whose elements are for people. An object that ends with `...` has further keys, which may change. Times are ISO 8601 in UTC, durations and amounts have their unit in the name.",
  "A list is written as it is read: of 10,000 items some are in memory at a time, and the first are there before the last are read. So where a read fails amid a long list the document has no end; the exit status says that it failed. A table is written likewise: its first thousand rows say how wide the columns are. `muster job list` and `muster cluster events` give what `--limit` asks for.",
  "`muster cluster ssh` and `muster notebook open` have no document. `muster cluster events --follow --json` prints one Event on each line, `muster job definitions NAME --json` one Definition, and `muster cleanup` also what it ran or removed.",
];

/** docs/reference/command-documents.md. */
export function commandDocumentsPage(): Page {
  const named = (shape: Shape): string | null =>
    Object.entries<Shape>(SHAPES).find(([, one]) => one === shape)?.[0] ?? null;
  const row = (name: string, text: string): string => `| ${name} | ${text} |`;
  const documents = Object.entries(COMMAND_DOCUMENTS).map(([words, shape]) =>
    row(`\`muster ${words}\``, named(shape) ?? renderShape(shape)),
  );
  const shapes = Object.entries<Shape>(SHAPES).map(([name, shape]) => row(name, renderShape(shape)));
  const content = [
    ...INTRODUCTION,
    `## Documents\n\n| Command | Document |\n| --- | --- |\n${documents.join("\n")}`,
    `## Parts of them\n\n| Name | Keys |\n| --- | --- |\n${shapes.join("\n")}`,
  ];
  return { path: "reference/command-documents.md", content: `${content.join("\n\n")}\n` };
}

const renderShape = ({ keys, isOpen = false }: Shape): string =>
  [...Object.entries(keys).map(([key, kind]) => `\`${key}\`: ${kind}`), ...(isOpen ? ["..."] : [])].join(
    ", ",
  );
