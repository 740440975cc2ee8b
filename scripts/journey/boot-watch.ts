import { readBootProblems, renderBootProblems } from "../local/boot-problems.js";
import type { BootProblem } from "../local/hosts/boot-problem.js";
import { cloudPlaces } from "../local/hosts/cloud.js";

/** When each node was first seen failing to boot, in monotonic milliseconds, by instance id. */
type KnownProblems = ReadonlyMap<string, number>;

const LOOK_EVERY_MS = 1_000;
/** A transient problem passes within this time, and muster_fleet may fail earlier with a better message. */
const GRACE_MS = 30_000;

/** The news, and the problems that have lasted too long. Pure; pass the result's `known` to the next call. */
export function judgeBoots(
  known: KnownProblems,
  problems: readonly BootProblem[],
  nowMs: number,
): {
  readonly known: KnownProblems;
  readonly news: readonly BootProblem[];
  readonly lasting: BootProblem | null;
} {
  const since = new Map(
    problems.map(({ instanceId }) => [instanceId, known.get(instanceId) ?? nowMs] as const),
  );
  return {
    known: since,
    news: problems.filter(({ instanceId }) => !known.has(instanceId)),
    lasting: problems.find(({ instanceId }) => nowMs - (since.get(instanceId) ?? nowMs) >= GRACE_MS) ?? null,
  };
}

/** `signal` aborts, with the reason, once a node has failed to boot for too long. */
interface JourneyBootWatch {
  readonly signal: AbortSignal;
  stop(): void;
}

/** Watches the boots in a local cloud: reports each node that can't boot at once, with the end of its console. */
export function watchBoots(cloudName: string, say: (line: string) => void): JourneyBootWatch {
  const cloud = cloudPlaces(cloudName);
  const failed = new AbortController();
  let known: KnownProblems = new Map();
  const timer = setInterval(() => {
    const judged = judgeBoots(known, readBootProblems(cloud), performance.now());
    known = judged.known;
    for (const line of renderBootProblems(cloud, judged.news)) say(line);
    if (judged.lasting === null) return;
    const { instanceId, problem } = judged.lasting;
    failed.abort(new Error(`node ${instanceId} can't boot: ${problem}`));
  }, LOOK_EVERY_MS);
  return { signal: failed.signal, stop: () => clearInterval(timer) };
}
