import { useEffect, useRef, useState } from "preact/hooks";
import type { TaskOutput, TaskView } from "../../api.js";
import { get, post } from "../lib/api.js";
import { useConsole } from "../lib/console.js";
import { span } from "../lib/words.js";
import { Icon, Status } from "./basics.js";

const EVERY_MS = 1_000;
/** The page keeps no more; the console has some thousand. */
const MOST_LINES = 3_000;

/** A task's status and its output as it comes. */
export function TaskPanel({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const { place } = useConsole();
  const [task, setTask] = useState<TaskView | null>(null);
  const [lines, setLines] = useState<readonly string[]>([]);
  const output = useRef<HTMLPreElement>(null);
  const isAtEnd = useRef(true);

  useEffect(() => {
    let isOver = false;
    let next = 0;
    let timer: number | undefined;
    setTask(null);
    setLines([]);
    const look = async (): Promise<void> => {
      const seen = await get<TaskOutput>(`/api/tasks/${id}?from=${next}`).catch(() => null);
      if (isOver) return;
      if (seen !== null) {
        next = seen.from + seen.lines.length;
        setTask(seen.task);
        if (seen.lines.length > 0) setLines((last) => [...last, ...seen.lines].slice(-MOST_LINES));
        if (seen.task.endedAt !== null && next >= seen.task.lines) return;
      }
      timer = window.setTimeout(() => void look(), EVERY_MS);
    };
    void look();
    return () => {
      isOver = true;
      window.clearTimeout(timer);
    };
  }, [id]);
  useEffect(() => {
    const shown = output.current;
    if (shown !== null && isAtEnd.current) shown.scrollTop = shown.scrollHeight;
  }, [lines]);

  if (task === null) return null;
  return (
    <aside class="task-panel" aria-label={`Task: ${task.title}`}>
      <header>
        <Status of={task.status} />
        <strong>{task.title}</strong>
        <span class="faint">{span(task.startedAt, task.endedAt)}</span>
        {task.mayStop && !place.isReadOnly ? (
          <button type="button" class="button small" onClick={() => void post(`/api/tasks/${id}/stop`)}>
            Stop
          </button>
        ) : null}
        <button type="button" class="icon-button" aria-label="Close the task" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <pre
        ref={output}
        role="log"
        tabIndex={0}
        aria-label="Output"
        onScroll={({ currentTarget: shown }) => {
          isAtEnd.current = shown.scrollHeight - shown.scrollTop - shown.clientHeight < 40;
        }}
      >
        {lines.length === 0
          ? task.status === "NEW"
            ? "It waits for the task before it."
            : "..."
          : lines.join("\n")}
      </pre>
      <p class={`outcome lines ${task.status === "FAILED" ? "is-bad" : ""}`} role="status">
        {task.message ?? ""}
      </p>
    </aside>
  );
}
