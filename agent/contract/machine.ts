/**
 * State machines as data: one transition table, one `next`. No I/O and no clock; the caller that changes a state
 * records {state, reason, at} with it.
 */
export type TransitionTable<State extends string, Event extends string> = Readonly<
  Record<State, Readonly<Partial<Record<Event, State>>>>
>;

/** An event without a row in the table: a bug in the caller, never a user's mistake. */
export class IllegalTransitionError extends Error {
  override readonly name = "IllegalTransitionError";
}

/** The state after `event` in `state`. Throws IllegalTransitionError if the table has no such row. */
export function nextState<State extends string, Event extends string>(
  machine: string,
  table: TransitionTable<State, Event>,
  state: State,
  event: Event,
): State {
  const target = table[state][event];
  if (target === undefined) {
    const allowed = Object.keys(table[state]).join(", ") || "nothing: it is final";
    throw new IllegalTransitionError(
      `A ${machine} that is ${state} can't take "${event}" (it takes ${allowed}).`,
    );
  }
  return target;
}
