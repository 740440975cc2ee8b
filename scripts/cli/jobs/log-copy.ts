import { createHash } from "node:crypto";
import type { Writable } from "node:stream";
import type { LogManifest } from "../../../agent/contract/log-parts.js";
import type { JobLog } from "../../../agent/contract/registry.js";
import { CommandError, failure, TransientError } from "../core/exit.js";
import { streamTo } from "../core/output.js";
import type { Logs } from "../core/ports.js";

export interface LogCopyDeps {
  readonly logs: Pick<Logs, "manifest" | "part">;
  /** The attempt's: where its parts are. */
  readonly prefix: string;
  readonly stdout: Writable;
  /** Its reason is thrown when it aborts. */
  readonly signal: AbortSignal;
}

/** A log on its way to stdout, byte for byte and never whole in memory; as fast as the reader of stdout reads. */
export interface LogCopy {
  /** Writes the parts that follow and are there. A part that breaks off is gone on with later: then it throws. */
  advance(): Promise<void>;
  /** Writes the rest of a delivered log, and proves all of it by its manifest. */
  complete(log: JobLog): Promise<void>;
  /** How many bytes of the log are written, or were left out at its start. */
  offset(): number;
  /** The reader of stdout has left: nothing more is written, and nothing fails. */
  hasReaderLeft(): boolean;
}

/** How often a part that broke off is gone on with before no byte of it has come. */
const TRIES = 3;

/** A copy that begins at byte `from`, where a part begins if `from` is not 0 and `partOffset` says which. */
export function createLogCopy(
  { logs, prefix, stdout, signal }: LogCopyDeps,
  start: { readonly partOffset: number; readonly skip: number } = { partOffset: 0, skip: 0 },
): LogCopy {
  const isWhole = start.partOffset + start.skip === 0;
  const ofAll = createHash("sha256");
  let ofPart = createHash("sha256");
  let { partOffset, skip } = start;
  /** Whether all bytes of the part have come this way. */
  let isPartWhole = skip === 0;
  let readerLeft = false;
  /** What the manifest says of the part at an offset. */
  let listed: ReadonlyMap<number, LogManifest["parts"][number]> = new Map();

  /** One part, or what is left of it. False: there is none. */
  async function copyPart(): Promise<boolean> {
    const source = await logs.part(prefix, partOffset, skip);
    if (source === null) return false;
    const { bytes, end } = await streamTo(stdout, source, signal, (chunk) => {
      ofAll.update(chunk);
      ofPart.update(chunk);
    });
    skip += bytes;
    if (end === "reader-left") readerLeft = true;
    else if (end !== "whole") throw end;
    else finishPart();
    return true;
  }

  function finishPart(): void {
    const said = listed.get(partOffset);
    const sha256 = ofPart.digest("hex");
    if (said !== undefined && (said.bytes !== skip || (isPartWhole && said.sha256 !== sha256)))
      throw failure(
        `${said.key} is not what was delivered: it has ${skip} bytes with SHA-256 ${sha256}, and its manifest says ${said.bytes} with ${said.sha256}. What was written of it can't be trusted.`,
      );
    [partOffset, skip, isPartWhole, ofPart] = [partOffset + skip, 0, true, createHash("sha256")];
  }

  return {
    async advance() {
      while (!readerLeft && (await copyPart()));
    },
    async complete(log) {
      const manifest = await logs.manifest(log.uri);
      if (manifest.bytes !== log.bytes || manifest.sha256 !== log.sha256)
        throw failure(
          `${log.uri} is not the manifest that was delivered: the job's record says ${log.bytes} bytes with SHA-256 ${log.sha256}, and it ${manifest.bytes} with ${manifest.sha256}.`,
        );
      listed = byOffset(manifest);
      let [failures, at] = [0, -1];
      while (!readerLeft && partOffset + skip < log.bytes) {
        failures = at === partOffset + skip ? failures + 1 : 1;
        at = partOffset + skip;
        try {
          if (!(await copyPart())) throw new Error(`its part at byte ${partOffset} is missing`);
        } catch (error) {
          signal.throwIfAborted();
          if (failures < TRIES && !isFinal(error)) continue;
          throw isFinal(error) ? error : brokenOff(log, partOffset + skip, error);
        }
      }
      const sha256 = ofAll.digest("hex");
      if (readerLeft || !isWhole || sha256 === log.sha256) return;
      throw failure(
        `The log's bytes are not those that were delivered: their SHA-256 is ${sha256}, and the job's record says ${log.sha256}. Its manifest is ${log.uri}.`,
      );
    },
    offset: () => partOffset + skip,
    hasReaderLeft: () => readerLeft,
  };
}

const isFinal = (error: unknown): boolean =>
  error instanceof CommandError && !(error instanceof TransientError);

function brokenOff(log: JobLog, got: number, error: unknown): Error {
  const why = error instanceof Error ? error.message : String(error);
  return failure(
    `The log broke off (${why}) after ${got} of ${log.bytes} bytes. Try again with \`muster job logs\`; its manifest is ${log.uri}.`,
  );
}

function byOffset({ parts }: LogManifest): ReadonlyMap<number, LogManifest["parts"][number]> {
  let offset = 0;
  return new Map(
    parts.map((part) => {
      const at = offset;
      offset += part.bytes;
      return [at, part];
    }),
  );
}
