import { randomUUID } from "node:crypto";
import { stripVTControlCharacters } from "node:util";
import { visibleLine } from "../../../agent/contract/visible-text.js";
import { CommandError } from "../core/exit.js";
import type { TaskOutput, TaskStatus, TaskView } from "./api.js";

/** What a task does its work with. */
export interface Running {
  /** A line of its output. */
  say(line: string): void;
  /** Aborts when it is to stop. */
  readonly signal: AbortSignal;
}

/** `run` resolves with what came out, in words; an error is why it FAILED. */
interface Wanted {
  readonly title: string;
  /** Tasks of one lane run one after another: Terraform's state has one lock. */
  readonly lane?: "project";
  run(running: Running): Promise<string>;
}

/** What the console does, and has done lately. */
export interface Tasks {
  start(wanted: Wanted): TaskView;
  /** The newest first. */
  list(): readonly TaskView[];
  /** The task with its lines from that number on; null: there is none. */
  read(id: string, from: number): TaskOutput | null;
  /** Asks it to stop. May run twice. */
  stop(id: string): void;
  /** Stops all, and waits for them. */
  close(): Promise<void>;
}

const MOST_TASKS = 50;
const MOST_LINES = 5_000;
/** In one answer. */
const LINES_AT_ONCE = 1_000;

interface Task {
  readonly id: string;
  readonly wanted: Wanted;
  readonly stop: AbortController;
  readonly createdAt: string;
  status: TaskStatus;
  startedAt: string | null;
  endedAt: string | null;
  message: string | null;
  lines: string[];
  dropped: number;
}

export function createTasks(now: () => Date): Tasks {
  const tasks = new Map<string, Task>();
  const running = new Set<Promise<void>>();
  let lane: Promise<void> = Promise.resolve();

  function keep(task: Task, line: string): void {
    task.lines.push(visibleLine(stripVTControlCharacters(line)));
    if (task.lines.length <= MOST_LINES) return;
    task.dropped += task.lines.length - MOST_LINES;
    task.lines = task.lines.slice(-MOST_LINES);
  }

  async function run(task: Task): Promise<void> {
    const { wanted, stop } = task;
    try {
      stop.signal.throwIfAborted();
      task.status = "INPROGRESS";
      task.startedAt = now().toISOString();
      task.message = await wanted.run({ say: (line) => keep(task, line), signal: stop.signal });
      task.status = "FINISHED";
    } catch (error) {
      task.status = "FAILED";
      const { message } = error instanceof Error ? error : { message: String(error) };
      task.message = error instanceof CommandError ? message : `${message}. This error is unexpected.`;
    } finally {
      task.endedAt = now().toISOString();
    }
  }

  /** The oldest that have ended make room. */
  function makeRoom(): void {
    for (const [id, { endedAt }] of tasks) {
      if (tasks.size < MOST_TASKS) return;
      if (endedAt !== null) tasks.delete(id);
    }
  }

  return {
    start(wanted) {
      makeRoom();
      const times = { createdAt: now().toISOString(), startedAt: null, endedAt: null };
      const own = { id: randomUUID(), wanted, stop: new AbortController(), ...times };
      const task: Task = { ...own, status: "NEW", message: null, lines: [], dropped: 0 };
      tasks.set(task.id, task);
      const ended = wanted.lane === undefined ? run(task) : lane.then(() => run(task));
      if (wanted.lane !== undefined) lane = ended;
      running.add(ended);
      ended.finally(() => running.delete(ended));
      return viewOf(task);
    },
    list: () => [...tasks.values()].reverse().map(viewOf),
    read(id, from) {
      const task = tasks.get(id);
      if (task === undefined) return null;
      const first = Math.max(from, task.dropped);
      const lines = task.lines.slice(first - task.dropped, first - task.dropped + LINES_AT_ONCE);
      return { task: viewOf(task), lines, from: first };
    },
    stop: (id) => tasks.get(id)?.stop.abort(new CommandError(1, "It was stopped.")),
    async close() {
      for (const { stop } of tasks.values()) stop.abort(new CommandError(1, "The console was closed."));
      await Promise.all(running);
    },
  };
}

const viewOf = ({ id, wanted, status, lines, dropped, ...task }: Task): TaskView => ({
  ...{ id, title: wanted.title, status, createdAt: task.createdAt, startedAt: task.startedAt },
  ...{ endedAt: task.endedAt, message: task.message, lines: dropped + lines.length },
  mayStop: task.endedAt === null && !task.stop.signal.aborted,
});
