import type { LogManifest, LogPart } from "../contract/log-parts.js";
import type { AttemptId } from "../jobs/ports.js";

/** A part with the checksum of its bytes, in hex. */
export type ProvedPart = LogPart & { readonly sha256: string };

/** Bytes of an output, and how many it has now. */
export interface LogSlice {
  readonly bytes: Uint8Array;
  readonly total: number;
}

/** What attempts have printed, where every node of the cluster finds it. Calls throw where the file system fails. */
export interface Outputs {
  /** How many bytes there are; null: there is no output. */
  measure(of: AttemptId): Promise<number | null>;
  /**
   * Brings to the file system what this node keeps of the output in its memory, where no other node sees it, and a loss of this node
   * takes it along. May take long.
   */
  flush(of: AttemptId): Promise<void>;
  /** Shows `see` the bytes from `from` to `to`; a piece is valid until `see` returns. Throws where there are fewer. */
  scan(of: AttemptId, from: number, to: number, see: (piece: Uint8Array) => void): Promise<void>;
  /** The bytes from `from` to `to`, as a stream that holds a piece at a time. Throws where there are fewer. */
  pieces(of: AttemptId, from: number, to: number): AsyncIterable<Uint8Array>;
  /** At most `maxBytes` bytes from `offset` on; null: there is no output (any more). */
  read(of: AttemptId, offset: number, maxBytes: number): Promise<LogSlice | null>;
}

/** The logs in the bucket. Each call is bounded; `signal` cuts it short. LogRefusedError: trying again is of little use. */
export interface LogBucket {
  /** The URI below which the attempt's log is stored. */
  prefixOf(of: AttemptId): string;
  /** The parts that are there, in any order. */
  parts(of: AttemptId, signal: AbortSignal): Promise<readonly LogPart[]>;
  /**
   * Stores a part, unless there is one at that offset, which stays. Gives the bytes of the part that is there now. The bucket checks the
   * checksum before it takes a part.
   */
  putPart(
    of: AttemptId,
    part: ProvedPart,
    body: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): Promise<number>;
  /** Stores the manifest over an earlier one; gives its URI. */
  putManifest(of: AttemptId, manifest: LogManifest, signal: AbortSignal): Promise<string>;
  /** At most `maxBytes` bytes of a delivered log, from `offset` on. */
  read(of: AttemptId, offset: number, maxBytes: number): Promise<LogSlice>;
}
