/**
 * State machines as data: one transition table, one `next`. No I/O and no clock; whoever changes a state records
 * {state, reason, at} beside it.
 */
export type TransitionTable<State extends string, Event extends string> = Readonly<
  Record<State, Readonly<Partial<Record<Event, State>>>>
>;

/** An event that the table has no row for: a bug in the caller, never a user's mistake. */
export class IllegalTransitionError extends Error {
  override readonly name = "IllegalTransitionError";
}

/** The state that `event` leads to from `state`. Throws IllegalTransitionError where the table has no such row. */
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
