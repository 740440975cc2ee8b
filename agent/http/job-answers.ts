import { isJobEnded } from "../contract/job-state.js";
import type { JobItem } from "../contract/registry.js";
import type { Clock } from "../time/clock.js";

export interface JobAnswersDeps {
  /** Reads the job. Throws where there is none, or what there is can't be shown. */
  read(jobId: string): Promise<JobItem>;
  readonly clock: Pick<Clock, "monotonicMs">;
}

/** Jobs as clients are answered: each is read and made into JSON once for all who ask within a moment. */
export interface JobAnswers {
  /** The answer that is there; null: the job is to be read. */
  known(jobId: string): Buffer | null;
  /** Reads the job anew; calls that come meanwhile share that. `toJson` makes the answer's text. Rejects as the read. */
  read(jobId: string, toJson: (job: JobItem) => string): Promise<Buffer>;
  /** This node has changed the job: the next who ask see that. */
  forget(jobId: string): void;
}

/** So long an answer serves: a job that changes is asked for again and again, and one that has ended changes no more. */
const SERVE_MS = { changing: 200, settled: 5_000 } as const;
/** Of all answers that are kept. A job with a long script has 370 KB. */
const MAX_BYTES = 4_000_000;

interface Answer {
  readonly body: Buffer;
  readonly untilMs: number;
}

export function createJobAnswers({ read, clock }: JobAnswersDeps): JobAnswers {
  /** The latest read last. */
  const answers = new Map<string, Answer>();
  const readings = new Map<string, Promise<Buffer>>();
  let heldBytes = 0;

  function drop(jobId: string): void {
    heldBytes -= answers.get(jobId)?.body.length ?? 0;
    answers.delete(jobId);
  }

  function keep(jobId: string, answer: Answer): void {
    drop(jobId);
    answers.set(jobId, answer);
    heldBytes += answer.body.length;
    for (const oldest of answers.keys()) {
      if (heldBytes <= MAX_BYTES) return;
      drop(oldest);
    }
  }

  function readNow(jobId: string, toJson: (job: JobItem) => string): Promise<Buffer> {
    const atMs = clock.monotonicMs();
    const reading = read(jobId).then((job) => {
      const body = Buffer.from(toJson(job));
      // Not after a `forget`: what was read is of before it.
      if (readings.get(jobId) === reading) keep(jobId, { body, untilMs: atMs + serveMsOf(job) });
      return body;
    });
    readings.set(jobId, reading);
    const done = (): void => {
      if (readings.get(jobId) === reading) readings.delete(jobId);
    };
    reading.then(done, done);
    return reading;
  }

  return {
    known(jobId) {
      const answer = answers.get(jobId);
      return answer !== undefined && clock.monotonicMs() < answer.untilMs ? answer.body : null;
    },
    read: (jobId, toJson) => readings.get(jobId) ?? readNow(jobId, toJson),
    forget(jobId) {
      drop(jobId);
      readings.delete(jobId);
    },
  };
}

const serveMsOf = ({ status, logState }: JobItem): number =>
  isJobEnded(status) && logState !== "pending" ? SERVE_MS.settled : SERVE_MS.changing;
