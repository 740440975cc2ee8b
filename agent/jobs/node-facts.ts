import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { Nullable } from "../contract/item-fields.js";
import type { JobReasonCode } from "../contract/reasons.js";

/** The path of a head's preflight question to a node; role peer. */
export const PREFLIGHT_PATH = "/v1/preflight";

/** `nonce` names the file on /shared that the node is to read: a new one for each preflight. */
export const PreflightQuestion = Type.Object(
  { nonce: Type.String({ pattern: "^[0-9a-f]{32}$" }) },
  { additionalProperties: false },
);
export type PreflightQuestion = Static<typeof PreflightQuestion>;

const Text = (maxLength: number) => Type.String({ maxLength });

/** What a node answers. Versions of agents may differ during an upgrade: what MPI needs to be the same is the rest. */
const NodeFacts = Type.Object({
  instanceId: Text(64),
  agentVersion: Text(100),
  image: Nullable(Text(100)),
  runtime: Nullable(Text(200)),
  cores: Type.Integer(),
  shared: Type.Object({
    token: Nullable(Type.String({ maxLength: 100, description: "what the job user reads in the file" })),
    problem: Nullable(Text(1_000)),
  }),
  cgroup: Nullable(Type.String({ maxLength: 1_000, description: "why a job can't be kept in one" })),
});
export type NodeFacts = Static<typeof NodeFacts>;

/** What must be the same on all of a job's nodes. Null: not known. */
export type NodeKit = Pick<NodeFacts, "image" | "runtime">;

/** The facts in another agent's answer. Throws where it is none. Pure. */
export function parseNodeFacts(text: string): NodeFacts {
  const value: unknown = JSON.parse(text);
  if (!Value.Check(NodeFacts, value)) throw new Error("it answers what is no preflight's answer");
  return value;
}

/** What nodes are compared with. */
export interface Expected {
  readonly kit: NodeKit;
  /** What was written to the file on /shared. */
  readonly token: string;
  /** The hostfile's number. */
  readonly cores: number;
}

/** What is wrong with a node: `problem` completes "NODE ...". */
export interface NodeProblem {
  readonly reasonCode: JobReasonCode;
  readonly problem: string;
}

/** Everything that keeps a node from running a job with the others. Pure. */
export function factProblems(facts: NodeFacts, { kit, token, cores }: Expected): NodeProblem[] {
  const { shared } = facts;
  const seen = shared.problem ?? (shared.token === token ? null : "it reads another text");
  const found: readonly [JobReasonCode, string | null][] = [
    ["node-runtime-differs", difference("the MPI runtime", facts.runtime, kit.runtime)],
    ["node-image-differs", difference("the image", facts.image, kit.image)],
    ["node-cores-differ", difference("the number of cores", facts.cores, cores)],
    [
      "node-shared-differs",
      seen === null ? null : `does not see what the head node has just written to /shared: ${seen}`,
    ],
    [
      "node-cgroup-missing",
      facts.cgroup === null ? null : `can't keep a job's processes together: ${facts.cgroup}`,
    ],
  ];
  return found.flatMap(([reasonCode, problem]) => (problem === null ? [] : [{ reasonCode, problem }]));
}

function difference(what: string, got: string | number | null, expected: string | number | null) {
  // What is not known of any node is not the same on all.
  if (got === expected && got !== null) return null;
  return `has ${what} ${got ?? "unknown"}, and expected is ${expected ?? "unknown"}`;
}

/** The kit that most nodes have; of several that as many have, the head's own. Pure. */
export function commonKit(own: NodeKit, others: readonly NodeKit[]): NodeKit {
  return { image: mostCommon(own, others, "image"), runtime: mostCommon(own, others, "runtime") };
}

function mostCommon(own: NodeKit, others: readonly NodeKit[], part: keyof NodeKit): string | null {
  const counts = new Map<string | null, number>([[own[part], 0]]);
  for (const kit of others) counts.set(kit[part], (counts.get(kit[part]) ?? 0) + 1);
  const most = Math.max(...counts.values());
  if (counts.get(own[part]) === most) return own[part];
  return [...counts].find(([, count]) => count === most)?.[0] ?? own[part];
}
