import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { type LogManifest, partKey } from "../../../agent/contract/log-parts.js";
import type { JobLog } from "../../../agent/contract/registry.js";
import { failure } from "../../../scripts/cli/core/exit.js";
import type { Logs } from "../../../scripts/cli/core/ports.js";

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** The org's log bucket in memory, by attempts' prefixes. `openings` are the parts that were asked for: offset and bytes left out. */
export function memoryLogs() {
  const parts = new Map<string, Buffer[]>();
  const manifests = new Map<string, LogManifest>();
  const offsets = (prefix: string) => {
    let offset = 0;
    return (parts.get(prefix) ?? []).map((bytes) => {
      const at = offset;
      offset += bytes.length;
      return { offset: at, bytes };
    });
  };
  const changeable = {
    openings: [] as (readonly [number, number])[],
    /** Bytes become a stream by it: a test lets one break off. */
    stream: (bytes: Buffer): Readable => Readable.from([bytes]),
  };
  return Object.assign(changeable, {
    /** The next part of a running attempt. */
    store: (prefix: string, bytes: Uint8Array | string) =>
      void parts.set(prefix, [...(parts.get(prefix) ?? []), Buffer.from(bytes)]),
    /** Its manifest; gives what the job's record says then. */
    deliver(prefix: string, change: Partial<LogManifest> = {}): JobLog {
      const whole = Buffer.concat(parts.get(prefix) ?? []);
      const uri = `${prefix}manifest.json`;
      const listed = offsets(prefix).map(({ offset, bytes }) => ({
        ...{
          key: partKey(prefix.replace("s3://logs/", ""), offset),
          bytes: bytes.length,
          sha256: sha256(bytes),
        },
      }));
      const proof = { bytes: whole.length, sha256: sha256(whole) };
      const own = { job: "job-1", attempt: 1, parts: listed, exitCode: 0, truncated: false } as const;
      manifests.set(uri, { ...own, ...proof, ...change });
      return { uri, ...proof, parts: listed.length };
    },
    /** Other bytes in the place of a part. */
    spoil: (prefix: string, index: number, bytes: Buffer) => void parts.get(prefix)?.splice(index, 1, bytes),
    logs: {
      async manifest(uri) {
        const found = manifests.get(uri);
        if (found === undefined) throw failure(`${uri} does not exist any more: was the log deleted?`);
        return found;
      },
      async part(prefix, offset, skip) {
        changeable.openings.push([offset, skip]);
        const found = offsets(prefix).find((part) => part.offset === offset);
        return found === undefined ? null : changeable.stream(found.bytes.subarray(skip));
      },
      parts: async (prefix) => offsets(prefix).map(({ offset, bytes }) => ({ offset, bytes: bytes.length })),
    } satisfies Logs,
  });
}
