import { type Static, Type } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import type { Clock } from "../time/clock.js";

/** The path of the question whether a launch is still waited for; role peer. */
export const AWAITED_PATH = "/v1/launch/awaited";

const AwaitedQuestion = Type.Object({ id: Type.String({ maxLength: 64 }) }, { additionalProperties: false });
type AwaitedQuestion = Static<typeof AwaitedQuestion>;
/** `awaited` null: not known yet, ask again. */
export interface AwaitedAnswer {
  readonly awaited: boolean | null;
}

/** Which launches a launch.sh of this node waits for: those of this node's mpiexecs. */
export interface Awaited {
  /** A launch.sh begins to wait. Call what it gives when the wait is over; `isFinal`: launch.sh itself has gone, and won't ask again. */
  begin(id: string): (isFinal: boolean) => void;
  /** False: its mpiexec has ended. Null: launch.sh may be about to ask again, as an agent has been restarted. */
  isAwaited(id: string): boolean | null;
}

/** Longer than launch.sh tries to reconnect. */
const RECONNECT_MS = 25_000;
const MOST_KEPT = 10_000;

/** Begins when the agent does: until every launch.sh has had the time to reconnect, no launch is known to be over. */
export function createAwaited(clock: Pick<Clock, "monotonicMs">): Awaited {
  const startedAtMs = clock.monotonicMs();
  const waits = new Map<string, number>();
  /** Since when no launch.sh is connected that may come back. */
  const broken = new Map<string, number>();
  return {
    begin(id) {
      waits.set(id, (waits.get(id) ?? 0) + 1);
      broken.delete(id);
      return (isFinal) => {
        const left = (waits.get(id) ?? 1) - 1;
        if (left > 0) return void waits.set(id, left);
        waits.delete(id);
        if (isFinal) return;
        if (broken.size >= MOST_KEPT) broken.clear();
        broken.set(id, clock.monotonicMs());
      };
    },
    isAwaited(id) {
      if (waits.has(id)) return true;
      const sinceMs = broken.get(id) ?? startedAtMs;
      return clock.monotonicMs() - sinceMs < RECONNECT_MS ? null : false;
    },
  };
}

/** Adds `POST /v1/launch/awaited`: a node asks whether what it runs is still waited for. */
export function addAwaitedRoute(app: FastifyInstance, awaited: Pick<Awaited, "isAwaited">): void {
  app.post<{ Body: AwaitedQuestion }>(
    AWAITED_PATH,
    { schema: { body: AwaitedQuestion } },
    async (request): Promise<AwaitedAnswer> => ({ awaited: awaited.isAwaited(request.body.id) }),
  );
}
