import { createHash, type Hash } from "node:crypto";
import pMap from "p-map";
import { partKey } from "../contract/log-parts.js";
import { attemptLogPrefix } from "../contract/names.js";
import type { JobLog } from "../contract/registry.js";
import type { AttemptId } from "../jobs/ports.js";
import type { Clock } from "../time/clock.js";
import { nextCut, partPauseMs } from "./part-plan.js";
import type { LogBucket, Outputs, ProvedPart } from "./ports.js";

export interface ShipmentDeps {
  readonly clusterUuid: string;
  readonly outputs: Outputs;
  readonly bucket: LogBucket;
  readonly clock: Pick<Clock, "monotonicMs">;
}

/** The way of one attempt's output to the bucket. One call at a time; any call may be made again after a failure. */
export interface Shipment {
  /** Stores what has been printed, as far as it is due. */
  ship(signal: AbortSignal): Promise<void>;
  /** Stores all that is left, and the manifest. Null: there is no output. */
  complete(exitCode: number | null, signal: AbortSignal): Promise<JobLog | null>;
}

/** Uploads at once. Each streams from the file, so that the agent holds some 100 KB for each, however large the parts. */
const UPLOADS_AT_ONCE = 3;

/** What this agent knows of the log. What is in it is in the bucket, or in `unstored`. */
interface Progress {
  /** In order, from offset 0, without a gap. */
  readonly parts: ProvedPart[];
  readonly unstored: Set<ProvedPart>;
  /** Of the parts' bytes. */
  readonly hash: Hash;
  /** What the bucket had when this agent began. */
  readonly found: ReadonlyMap<number, number>;
  end: number;
}

/**
 * Makes the shipment; it does nothing by itself. Nothing of its state is kept on disk: the bucket says which parts there are, and their
 * names say which bytes they are. An agent that begins anew reads the output from its start, for the checksum of the
 * whole, and goes on where the parts end. So a full disk stops no delivery, and two heads can't disagree about a part's bytes: at one
 * offset the bucket takes one part, the first, and the other head finds it there.
 */
export function createShipment(of: AttemptId, deps: ShipmentDeps): Shipment {
  const { outputs, bucket, clock } = deps;
  const prefix = attemptLogPrefix(deps.clusterUuid, of.jobId, of.attempt);
  const sinceMs = clock.monotonicMs();
  let lastCutAtMs = Number.NEGATIVE_INFINITY;
  let progress: Progress | null = null;
  let isFlushing = false;

  async function begin(signal: AbortSignal): Promise<Progress> {
    const found = new Map((await bucket.parts(of, signal)).map(({ offset, bytes }) => [offset, bytes]));
    return { parts: [], unstored: new Set(), hash: createHash("sha256"), found, end: 0 };
  }

  /** Takes the part that comes next, with its checksum. */
  async function take(into: Progress, bytes: number): Promise<ProvedPart> {
    const hash = createHash("sha256");
    try {
      await outputs.scan(of, into.end, into.end + bytes, (piece) => {
        hash.update(piece);
        into.hash.update(piece);
      });
    } catch (error) {
      // The checksum of the whole has seen a part of it: it is made anew.
      progress = null;
      throw error;
    }
    const part = { offset: into.end, bytes, sha256: hash.digest("hex") };
    into.parts.push(part);
    into.end += bytes;
    return part;
  }

  async function store(into: Progress, part: ProvedPart, signal: AbortSignal): Promise<void> {
    const { offset, bytes } = part;
    const stored = await bucket.putPart(of, part, outputs.pieces(of, offset, offset + bytes), signal);
    if (stored !== bytes) {
      // A head that has lost the cluster, or an upload of an agent that was killed, was quicker: what it stored is kept.
      progress = null;
      throw new Error(`${partKey(prefix, offset)} was stored with ${stored} bytes, and not ${bytes}`);
    }
    into.unstored.delete(part);
  }

  /** Stores what is due, or all; gives the size that the output had. */
  async function advance(isAll: boolean, signal: AbortSignal): Promise<number | null> {
    const size = await outputs.measure(of);
    if (size === null) return null;
    progress ??= await begin(signal);
    const into = progress;
    const failures: unknown[] = [];
    async function* due(total: number): AsyncGenerator<ProvedPart> {
      yield* [...into.unstored];
      const isDue = isAll || clock.monotonicMs() - lastCutAtMs >= partPauseMs(clock.monotonicMs() - sinceMs);
      while (failures.length === 0) {
        signal.throwIfAborted();
        const cut = nextCut({ end: into.end, size: total, found: into.found, isDue });
        if (cut === null) return;
        const part = await take(into, cut.bytes);
        if (cut.isStored) continue;
        into.unstored.add(part);
        lastCutAtMs = clock.monotonicMs();
        yield part;
      }
    }
    const storeSafely = (part: ProvedPart) =>
      store(into, part, signal).catch((error: unknown) => void failures.push(error));
    await pMap(due(size), storeSafely, { concurrency: UPLOADS_AT_ONCE });
    if (failures.length > 0) throw failures[0];
    return size;
  }

  /** Beside the uploads, which need it least: what they have brought to the bucket is safe. */
  function flush(): void {
    if (isFlushing) return;
    isFlushing = true;
    outputs
      .flush(of)
      .catch(() => undefined)
      .finally(() => {
        isFlushing = false;
      });
  }

  return {
    async ship(signal) {
      flush();
      await advance(false, signal);
    },
    async complete(exitCode, signal) {
      const size = await advance(true, signal);
      if (size === null || progress === null) return null;
      const { parts, end, hash } = progress;
      if (end !== size) throw new Error(`${end} of ${size} bytes are stored`);
      const sha256 = hash.copy().digest("hex");
      const listed = parts.map(({ offset, bytes, sha256 }) => ({
        key: partKey(prefix, offset),
        bytes,
        sha256,
      }));
      const uri = await bucket.putManifest(
        of,
        { job: of.jobId, attempt: of.attempt, parts: listed, bytes: end, sha256, exitCode, truncated: false },
        signal,
      );
      return { uri, bytes: end, sha256, parts: parts.length };
    },
  };
}
