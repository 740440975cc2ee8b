import pMap from "p-map";
import { reasonOf } from "../errors.js";
import type { HostfileNode } from "../head/hostfile.js";
import { createAhead } from "./ahead.js";
import { createLookFiles, type LookFile, type LookFilesDeps } from "./look-files.js";
import {
  commonKit,
  factProblems,
  type NodeFacts,
  type NodeKit,
  type NodeProblem,
  type PreflightQuestion,
} from "./node-facts.js";

/** A node that can't run a job with the others: all that is wrong with it, the first is the code's. */
export interface BadHost extends NodeProblem {
  readonly address: string;
  /** Null where it did not answer. */
  readonly instanceId: string | null;
}

/** The looks at nodes before a job is launched on them. */
export interface Preflight {
  /**
   * A job is about to be taken, and may run on these nodes: begins the check of them, which hangs on nothing of the job. Of more nodes
   * than are asked at once only the file is begun. Never throws.
   */
  getReady(hosts: readonly HostfileNode[]): void;
  /**
   * Asks every node at once, and gives those that can't run a job together with the rest, in the order of `hosts`. Takes at most 5 s
   * for each 64 of them, and as long again where one does not see a file on /shared that was written before. Throws when this node itself
   * can't write to /shared.
   */
  check(hosts: readonly HostfileNode[]): Promise<readonly BadHost[]>;
  /** As check, of nodes that were found bad: they are compared with what the last check found to be common. */
  recheck(hosts: readonly HostfileNode[]): Promise<readonly BadHost[]>;
}

export interface PreflightDeps extends LookFilesDeps {
  /** The agent that runs this: the head's. */
  readonly address: string;
  /** Asks a node; rejects when it does not answer in time. */
  ask(address: string, question: PreflightQuestion, timeoutMs: number): Promise<NodeFacts>;
  /** This node's own. */
  kit(): Promise<NodeKit>;
}

/**
 * `totalMs` for a host, the file included; in it two tries: the first at most `tryMs`, then `pauseMs`, then at least `lastTryMs`.
 * `atOnce` hosts at a time.
 */
const BOUNDS = { totalMs: 5_000, tryMs: 2_900, pauseMs: 200, lastTryMs: 500, atOnce: 64 } as const;

type Answer = { readonly facts: NodeFacts } | { readonly silence: string };

export function createPreflight(deps: PreflightDeps): Preflight {
  const { clock } = deps;
  const files = createLookFiles(deps);
  let common: NodeKit | null = null;
  const begun = createAhead<readonly BadHost[]>(clock);
  let begunFor: string | null = null;

  /** A host whose /shared lags or whose agent is being restarted is asked once more. */
  async function askTwice(address: string, nonce: string, token: string, untilMs: number): Promise<Answer> {
    const ask = async (timeoutMs: number): Promise<Answer> => {
      try {
        return { facts: await deps.ask(address, { nonce }, timeoutMs) };
      } catch (error) {
        return { silence: reasonOf(error) };
      }
    };
    const firstMs = untilMs - clock.monotonicMs() - BOUNDS.pauseMs - BOUNDS.lastTryMs;
    const first = await ask(Math.min(BOUNDS.tryMs, firstMs));
    if ("facts" in first && first.facts.shared.token === token) return first;
    await clock.sleep(BOUNDS.pauseMs);
    return ask(untilMs - clock.monotonicMs());
  }

  async function look(
    hosts: readonly HostfileNode[],
    kitOf: (own: NodeKit, kits: readonly NodeKit[]) => NodeKit,
    kept: LookFile | null = null,
  ): Promise<readonly BadHost[]> {
    const beganMs = clock.monotonicMs();
    const [own, file] = await Promise.all([deps.kit(), kept ?? files.take()]);
    const { nonce, token } = file;
    const spentMs = clock.monotonicMs() - beganMs;
    const ask = ({ address }: HostfileNode) =>
      askTwice(address, nonce, token, clock.monotonicMs() + BOUNDS.totalMs - spentMs);
    const answers = await pMap(hosts, ask, { concurrency: BOUNDS.atOnce });
    files.done(file);
    const kit = kitOf(
      own,
      answers.flatMap((answer) => ("facts" in answer ? [answer.facts] : [])),
    );
    return blameHead(
      hosts.flatMap((host, index) => badHost(host, answers[index], kit, token)),
      hosts,
      deps.address,
    );
  }

  async function checkNow(hosts: readonly HostfileNode[]): Promise<readonly BadHost[]> {
    const kitOf = (own: NodeKit, kits: readonly NodeKit[]) => {
      common = commonKit(own, kits);
      return common;
    };
    const kept = files.takeKept();
    if (kept === null) return look(hosts, kitOf);
    const bad = await look(hosts, kitOf, kept);
    // It may have gone since it was written: no node is blamed for that.
    return bad.some(({ reasonCode }) => reasonCode === "node-shared-differs") ? look(hosts, kitOf) : bad;
  }

  return {
    getReady(hosts) {
      if (hosts.length > BOUNDS.atOnce) return files.getReady();
      begunFor = nameOf(hosts);
      begun.begin(() => checkNow(hosts));
    },
    check(hosts) {
      const now = () => checkNow(hosts);
      return nameOf(hosts) === begunFor ? begun.take(now) : now();
    },
    recheck: (hosts) => look(hosts, (own) => common ?? own),
  };
}

const nameOf = (hosts: readonly HostfileNode[]): string => JSON.stringify(hosts);

function badHost(
  { address, cores }: HostfileNode,
  answer: Answer | undefined,
  kit: NodeKit,
  token: string,
): BadHost[] {
  if (answer === undefined || "silence" in answer) {
    const problem = `did not answer: ${answer?.silence ?? "nothing was asked"}`;
    return [{ address, instanceId: null, reasonCode: "nodes-unreachable", problem }];
  }
  const { facts } = answer;
  const problems = factProblems(facts, { kit, token, cores });
  const [first] = problems;
  if (first === undefined) return [];
  const problem = problems.map((one) => one.problem).join("; it ");
  return [{ address, instanceId: facts.instanceId, reasonCode: first.reasonCode, problem }];
}

/** Where no other of several nodes sees what the head writes to /shared, the head is the one whose /shared is another. */
function blameHead(
  bad: readonly BadHost[],
  hosts: readonly HostfileNode[],
  head: string,
): readonly BadHost[] {
  const others = hosts.filter(({ address }) => address !== head);
  const strangers = bad.filter(({ reasonCode }) => reasonCode === "node-shared-differs");
  const isAlone = others.length >= 2 && strangers.length === others.length && strangers.length === bad.length;
  if (!isAlone || strangers.some(({ address }) => address === head)) return bad;
  const problem = `is the head node, and none of the other ${others.length} nodes sees what it writes to /shared`;
  return [{ address: head, instanceId: null, reasonCode: "node-shared-differs", problem }];
}

const NAMED_HOSTS = 10;

/** "preflight: 1 of 4 nodes can't run the job: 10.0.0.2 (i-b) did not answer: ...". Pure. */
export function describeBadHosts(bad: readonly BadHost[], hostCount: number): string {
  const named = bad
    .slice(0, NAMED_HOSTS)
    .map(
      ({ address, instanceId, problem }) =>
        `${address}${instanceId === null ? "" : ` (${instanceId})`} ${problem}`,
    );
  const rest = bad.length > NAMED_HOSTS ? [`and ${bad.length - NAMED_HOSTS} more`] : [];
  return `preflight: ${bad.length} of ${hostCount} nodes can't run the job: ${[...named, ...rest].join("; ")}`;
}
