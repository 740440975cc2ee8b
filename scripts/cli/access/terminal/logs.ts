import { Readable } from "node:stream";
import { LOG_HEADERS, LOG_LIMIT_BYTES } from "../../../../agent/contract/http.js";
import type { AttemptItem } from "../../../../agent/contract/job-attempt.js";
import { prefixOfManifest } from "../../../../agent/contract/log-parts.js";
import { failure } from "../../core/exit.js";
import type { Logs } from "../../core/ports.js";
import type { AgentSocket } from "./socket.js";

/** The output of jobs, by this notebook's agent: in its answers, which are parts as good as those in the bucket. */
export function socketLogs({ ask, json }: AgentSocket): Logs {
  const bytesFrom = ({ jobId, attempt }: Place, offset: number, limit: number) =>
    ask(`/v1/jobs/${jobId}/logs?attempt=${attempt}&offset=${offset}&limit=${limit}`);
  return {
    async manifest(uri) {
      const { jobId, attempt } = placeOf(prefixOfManifest(uri) ?? uri);
      const found = await json<{ attempts: AttemptItem[] }>(`/v1/jobs/${jobId}/attempts`);
      const record = found?.attempts.find(({ number }) => number === attempt);
      if (!record?.log) throw failure(`${uri} is not known to this notebook's agent: was the job deleted?`);
      const { exitCode, log } = record;
      // Its parts' checksums are not here; the whole log's is, and it is compared.
      return {
        job: jobId,
        attempt,
        parts: [],
        bytes: log.bytes,
        sha256: log.sha256,
        exitCode,
        truncated: false,
      };
    },
    async part(prefix, offset, skip) {
      const reply = await bytesFrom(placeOf(prefix), offset + skip, LOG_LIMIT_BYTES);
      return reply === null || reply.bytes.length === 0 ? null : Readable.from([reply.bytes]);
    },
    async parts(prefix) {
      const reply = await bytesFrom(placeOf(prefix), 0, 0);
      const total = Number(reply?.headers[LOG_HEADERS.totalBytes] ?? 0);
      return Array.from({ length: Math.ceil(total / LOG_LIMIT_BYTES) }, (_, index) => {
        const offset = index * LOG_LIMIT_BYTES;
        return { offset, bytes: Math.min(LOG_LIMIT_BYTES, total - offset) };
      });
    },
  };
}

interface Place {
  readonly jobId: string;
  readonly attempt: number;
}

/** Of which attempt a log is: its place ends in /JOB/ATTEMPT/. */
function placeOf(prefix: string): Place {
  const [, jobId, attempt] = /\/([A-Za-z0-9-]{1,64})\/([1-9]\d{0,8})\/$/.exec(prefix) ?? [];
  if (jobId === undefined) throw failure(`${prefix} is the place of no job's log.`);
  return { jobId, attempt: Number(attempt) };
}
