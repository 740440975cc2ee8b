import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { PlaceView, TaskView } from "../../api.js";

/** What all of the page shares. */
export interface ConsoleContext {
  readonly place: PlaceView;
  readonly tasks: readonly TaskView[];
  /** Shows a task's output. */
  showTask(id: string): void;
  /** Says something for a moment. */
  say(text: string): void;
}

export const Shared = createContext<ConsoleContext | null>(null);

export function useConsole(): ConsoleContext {
  const shared = useContext(Shared);
  if (shared === null) throw new Error("There is no console around this.");
  return shared;
}

/** Whether what muster.yaml declares can be changed here. */
export const mayDeclare = ({ isReadOnly, config }: PlaceView): boolean => !isReadOnly && config !== null;
