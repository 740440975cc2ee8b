/** When a node gives the head its heartbeats: by itself, or at rest when it is asked for one. */
export interface Pace {
  isAtRest(): boolean;
  /** The head asks every `restMs`, and has been heard just now; null: the node gives them by itself. */
  set(restMs: number | null): void;
  end(): void;
}

export interface PaceDeps {
  readonly heartbeatMs: number;
  /** A heartbeat is due. */
  beat(): void;
  /** The head should have asked by now. */
  unasked(): void;
}

/** So many heartbeats' time a question may be late. */
const LATE = 2;

/** Begins with heartbeats that the node gives by itself. */
export function createPace({ heartbeatMs, beat, unasked }: PaceDeps): Pace {
  let atRest: number | null = null;
  let timer = setInterval(beat, heartbeatMs);

  return {
    isAtRest: () => atRest !== null,
    set(restMs) {
      if (restMs !== atRest) {
        clearTimeout(timer);
        atRest = restMs;
        timer =
          restMs === null ? setInterval(beat, heartbeatMs) : setTimeout(unasked, restMs + LATE * heartbeatMs);
      } else if (restMs !== null) timer.refresh();
    },
    end: () => clearTimeout(timer),
  };
}
