import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";

/** What was seen of a process and all that it started, while they ran. */
export interface ProcessSeen {
  /** Looks that found the process. */
  readonly looks: number;
  readonly pids: ReadonlySet<number>;
  /** Texts, each once: arguments, environment, and what regular files that were open had in them. */
  readonly argv: ReadonlySet<string>;
  readonly environment: ReadonlySet<string>;
  readonly files: ReadonlySet<string>;
}

const LOOK_EVERY_MS = 5;
/** Larger files are programs and libraries. */
const MOST_BYTES = 1_000_000;

/** Looks at `/proc` until `stop`; a process that ends meanwhile is left out. Linux alone. */
export function watchProcess(pid: number): { stop(): ProcessSeen } {
  const seen = {
    looks: 0,
    pids: new Set<number>(),
    argv: new Set<string>(),
    environment: new Set<string>(),
    files: new Set<string>(),
  };
  const look = () => {
    for (const one of treeOf(pid)) {
      seen.pids.add(one);
      const [argv, environment] = [quietly(() => proc(one, "cmdline")), quietly(() => proc(one, "environ"))];
      if (one === pid && argv) seen.looks += 1;
      if (argv) seen.argv.add(argv);
      if (environment) seen.environment.add(environment);
      for (const text of openFiles(one)) seen.files.add(text);
    }
  };
  look();
  const timer = setInterval(look, LOOK_EVERY_MS);
  return {
    stop() {
      clearInterval(timer);
      return seen;
    },
  };
}

const proc = (pid: number, name: string): string => readFileSync(`/proc/${pid}/${name}`, "utf8");

function quietly<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

/** The process and its descendants. */
function treeOf(pid: number): readonly number[] {
  const tasks = quietly(() => readdirSync(`/proc/${pid}/task`)) ?? [];
  const children = tasks.flatMap((task) =>
    (quietly(() => proc(pid, `task/${task}/children`)) ?? "").split(" ").filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(treeOf)];
}

/** What the regular files have in them that the process has open. */
function openFiles(pid: number): readonly string[] {
  const names = quietly(() => readdirSync(`/proc/${pid}/fd`)) ?? [];
  return names.flatMap((name) => {
    const path = `/proc/${pid}/fd/${name}`;
    const text = quietly(() => {
      const file = statSync(path);
      if (!file.isFile() || file.size > MOST_BYTES || readlinkSync(path).startsWith("/usr/")) return null;
      return readFileSync(path, "utf8");
    });
    return text === null ? [] : [text];
  });
}
