import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import {
  type FileHandle,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { constants as os } from "node:os";
import { join } from "node:path";
import { JOB_USER } from "../contract/node-accounts.js";
import type { SetupEnd } from "../environments/failures.js";
import { SETUP_LOG_BYTES } from "../environments/limits.js";
import type { SetupRun, SetupRuns } from "../environments/ports.js";
import type { SetupLogFiles } from "../environments/setup-logs.js";
import type { Cgroups } from "./cgroups.js";
import { type ConfinedUser, confined } from "./confined.js";
import { unlessMissing } from "./unless-missing.js";

/** Where a node remembers the set-ups that have ended well: gone after a reboot. */
const DONE = "/run/muster/setups";
/** Their output, on the node's own disk, until it is delivered. Root's alone: a set-up has the file open, and no path to it. */
const OUTPUTS = "/var/lib/muster/setups";
const MAX_REMEMBERED = 1_000;
const TAIL_BYTES = 8_192;
const LOOK_MS = 500;
const APPEND = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_APPEND;
const SUFFIX = ".log";
/** The output of a set-up that runs, or did when its agent ended. */
const RUNNING_SUFFIX = ".running";
const ENVIRONMENT = { PATH: "/usr/bin:/bin", LANG: "C.UTF-8" };
/** $0 the folder, "$@" the command. */
const START = 'cd -- "$0" && exec "$@"';

export interface SetupRunsDeps {
  readonly cgroups: Cgroups;
  readonly user?: ConfinedUser;
  readonly done?: string;
  readonly outputs?: string;
  readonly maxBytes?: number;
}

/** The set-ups of jobs on this node: each runs as the job user in a cgroup of its own, which its end empties. */
export function createSetupRuns({
  cgroups,
  user = JOB_USER,
  done = DONE,
  outputs = OUTPUTS,
  maxBytes = SETUP_LOG_BYTES,
}: SetupRunsDeps): SetupRuns & SetupLogFiles {
  async function forgetOldest(): Promise<void> {
    const names = await readdir(done);
    if (names.length <= MAX_REMEMBERED) return;
    const ages = await Promise.all(
      names.map(async (name) => ({ name, at: (await stat(join(done, name))).mtimeMs })),
    );
    const old = ages.sort((a, b) => b.at - a.at).slice(MAX_REMEMBERED);
    await Promise.all(old.map(({ name }) => rm(join(done, name), { force: true })));
  }

  return {
    isDone: async (jobId) => (await readFile(join(done, jobId)).catch(unlessMissing)) !== null,
    async note(jobId) {
      await mkdir(done, { recursive: true, mode: 0o700 });
      await writeFile(join(done, jobId), "");
      await forgetOldest();
    },
    async run(setup, signal) {
      await mkdir(outputs, { recursive: true, mode: 0o700 });
      const path = join(outputs, `${setup.jobId}-${setup.attempt}`);
      const output = await open(path + RUNNING_SUFFIX, APPEND, 0o600);
      try {
        const end = await runToEnd(setup, output, { cgroups, user, maxBytes, signal });
        return { ...end, text: await readTail(path + RUNNING_SUFFIX) };
      } finally {
        await output.close();
        await rename(path + RUNNING_SUFFIX, path + SUFFIX);
      }
    },
    async takeUp() {
      const names = (await readdir(outputs).catch(unlessMissing)) ?? [];
      for (const name of names.filter((it) => it.endsWith(RUNNING_SUFFIX)))
        await rename(join(outputs, name), join(outputs, name.slice(0, -RUNNING_SUFFIX.length) + SUFFIX));
    },
    async list() {
      const names = (await readdir(outputs).catch(unlessMissing)) ?? [];
      return names.flatMap((name) => {
        const [, jobId, attempt] = /^([A-Za-z0-9-]+)-(\d+)\.log$/.exec(name) ?? [];
        return jobId === undefined ? [] : [{ jobId, attempt: Number(attempt), path: join(outputs, name) }];
      });
    },
    remove: (path) => rm(path, { force: true }),
  };
}

interface Bounds {
  readonly cgroups: Cgroups;
  readonly user: ConfinedUser;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

async function runToEnd(
  { command, timeoutSeconds, folder, variables }: SetupRun,
  output: FileHandle,
  { cgroups, user, maxBytes, signal }: Bounds,
): Promise<Omit<SetupEnd, "text">> {
  signal.throwIfAborted();
  const id = randomUUID();
  // The job's own variables come after the user has changed: root's programs on the way must not see them.
  const given = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  const argv = ["/usr/bin/env", "-i", ...given, "/bin/sh", "-c", START, folder, ...command];
  const [program, ...args] = confined(await cgroups.make("errand", id), user, argv);
  let end: SetupEnd["end"] = "exited";
  const stop = (why: SetupEnd["end"]) => {
    end = why;
    cgroups.empty("errand", id).catch(() => undefined);
  };
  const cutShort = () => stop("exited");
  try {
    const child = spawn(program, args, {
      cwd: "/",
      env: ENVIRONMENT,
      // In a session of its own: the agent's comes before others.
      detached: true,
      stdio: ["ignore", output.fd, output.fd],
    });
    const timer = setTimeout(() => stop("timed-out"), timeoutSeconds * 1_000);
    const watch = setInterval(() => {
      void output.stat().then(({ size }) => (size > maxBytes ? stop("too-much-output") : undefined));
    }, LOOK_MS);
    signal.addEventListener("abort", cutShort);
    if (signal.aborted) cutShort();
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code, by) => resolve(code ?? 128 + os.signals[by ?? "SIGKILL"]));
    }).finally(() => {
      clearTimeout(timer);
      clearInterval(watch);
    });
    signal.throwIfAborted();
    return { end, exitCode };
  } finally {
    signal.removeEventListener("abort", cutShort);
    await cgroups.empty("errand", id);
  }
}

async function readTail(path: string): Promise<string> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, size - buffer.length);
    return buffer.subarray(0, bytesRead).toString("utf8");
  } finally {
    await file.close();
  }
}
