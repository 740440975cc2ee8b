import { type Static, Type } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import { NAME_PATTERN } from "../contract/names.js";
import { MPI_BEAT_SECONDS, MPI_SILENT_SECONDS, MpiKernelRequest } from "../contract/notebook-mpi.js";
import { AgentError } from "../errors.js";
import type { Clock } from "../time/clock.js";

/** The path where the agents of notebooks ask the head for the cluster; role peer. */
export const HOLD_PATH = "/v1/notebook/hold";

/** `take`: a kernel wants the cluster. `keep`: it has it, and says so every MPI_BEAT_SECONDS. `release`: it has let it go. */
export const HoldRequest = Type.Object(
  {
    notebook: Type.String({ pattern: NAME_PATTERN }),
    kernel: MpiKernelRequest.properties.id,
    action: Type.Unsafe<"take" | "keep" | "release">(Type.String({ enum: ["take", "keep", "release"] })),
  },
  { additionalProperties: false },
);
export type HoldRequest = Static<typeof HoldRequest>;

export interface HoldAnswer {
  /** Why it is not the kernel's, for people; null: it is. */
  readonly refused: string | null;
  /** The head is too new to know: ask again. */
  readonly isEarly: boolean;
}

export interface ClusterHoldDeps {
  /** This head's term; null: it is none, or has not seen its cluster yet. */
  term(): { readonly generation: number; readonly startedAtMs: number; readonly isShared: boolean } | null;
  /** The id of the job that runs; null: none does. */
  runningJob(): string | null;
  readonly clock: Pick<Clock, "monotonicMs">;
}

/** Which notebook's MPI kernel has the cluster, on the head. */
export interface ClusterHold {
  /** Throws AgentError not-head. May run twice. */
  ask(request: HoldRequest): HoldAnswer;
  /** The notebook whose MPI kernel has it: no job but that notebook's begins. Null: none has. */
  holder(): string | null;
}

type Held = Pick<HoldRequest, "notebook" | "kernel"> & { readonly atMs: number; readonly generation: number };

/** A kernel that is silent has lost it to its own agent before that. */
const FORGET_MS = (MPI_SILENT_SECONDS + 2 * MPI_BEAT_SECONDS) * 1_000;
/** In which each kernel that has the cluster has said so to a new head. */
const SETTLE_MS = 2.5 * MPI_BEAT_SECONDS * 1_000;

const GRANTED: HoldAnswer = { refused: null, isEarly: false };
const refusedBy = (refused: string, isEarly = false): HoldAnswer => ({ refused, isEarly });

/**
 * One kernel at a time, in the order of their asking; none while a job runs. A cluster that is shared is given to all. What one head has
 * given, the next one learns of from who has it.
 */
export function createClusterHold({ term, runningJob, clock }: ClusterHoldDeps): ClusterHold {
  let held: Held | null = null;

  /** The kernel that has it under this term and was heard lately; null: none. */
  function current(generation: number | undefined): Held | null {
    const isOver = held !== null && clock.monotonicMs() - held.atMs >= FORGET_MS;
    if (isOver || held?.generation !== generation) held = null;
    return held;
  }

  return {
    ask({ notebook, kernel, action }) {
      const now = term();
      if (now === null) throw new AgentError("not-head");
      const nowMs = clock.monotonicMs();
      const holder = current(now.generation);
      const isOwn = holder?.kernel === kernel && holder.notebook === notebook;
      if (action === "release") {
        if (isOwn) held = null;
        return GRANTED;
      }
      if (now.isShared) return GRANTED;
      if (holder !== null && !isOwn) return refusedBy(`an MPI kernel of notebook ${holder.notebook} has it`);
      if (action === "take" && !isOwn) {
        const job = runningJob();
        if (job !== null) return refusedBy(`job ${job} runs there`);
        if (nowMs - now.startedAtMs < SETTLE_MS)
          return refusedBy("its head is new, and has not heard yet which kernel has it", true);
      }
      held = { notebook, kernel, atMs: nowMs, generation: now.generation };
      return GRANTED;
    },
    holder: () => current(term()?.generation)?.notebook ?? null,
  };
}

/** Adds `POST /v1/notebook/hold`. */
export function addHoldRoute(app: FastifyInstance, hold: Pick<ClusterHold, "ask">): void {
  app.post<{ Body: HoldRequest }>(HOLD_PATH, { schema: { body: HoldRequest } }, async ({ body }) =>
    hold.ask(body),
  );
}
