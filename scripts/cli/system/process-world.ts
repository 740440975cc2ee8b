import { lstatSync, readdirSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { readWhole } from "../../../stacks/config/system/read.js";
import type { FolderEntry, World } from "../core/world.js";
import { systemForwarding } from "../forward/forwarding.js";
import { askService } from "./ask-service.js";
import { systemBrowser } from "./browser.js";
import { makeFiles } from "./new-files.js";
import { systemPrograms } from "./programs.js";
import { readSecret } from "./read-secret.js";
import { ownStreams } from "./streams.js";
import { replaceText } from "./write-file.js";

/** As much as a muster.yaml may have. */
const MAX_FILE_BYTES = 1_048_576;

/** The world as this process sees it. */
export function processWorld(version: string): World {
  const streams = ownStreams();
  return {
    env: process.env,
    // npm links to it from a folder of programs.
    get ownFolder() {
      return dirname(realpathSync(process.argv[1] ?? "."));
    },
    useProfile,
    readFile: (path, maxBytes = MAX_FILE_BYTES) => readWhole(path, maxBytes),
    writeFile: replaceText,
    makeFiles,
    programs: {
      ...systemPrograms,
      attach: (argv) => {
        streams.clear();
        return systemPrograms.attach(argv);
      },
    },
    forwarding: systemForwarding,
    browser: systemBrowser,
    askService,
    listFolder,
    readSecret: (question) => {
      streams.clear();
      return readSecret(question);
    },
    stdout: streams.stdout,
    say: streams.say,
    get waits() {
      return streams.status?.show;
    },
    coloured: streams.coloured,
    // When it is asked for: to open stdin loads a fifth of what Node.js has, and most commands ask nothing.
    get canAsk() {
      return process.stdin.isTTY === true && process.stderr.isTTY === true;
    },
    ask: (question) => {
      streams.clear();
      return ask(question);
    },
    onInterrupt,
    now: () => new Date(),
    sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
    open: async (opening) => (await import("../access/open.js")).openOrg(opening, process.env, version),
    openTerminal: async (socketPath, signal) =>
      (await import("../access/terminal/open.js")).openTerminal(socketPath, signal),
  };
}

/** Some SDKs take keys of the environment before a profile. */
function useProfile(name: string): void {
  for (const key of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"])
    delete process.env[key];
  process.env["AWS_PROFILE"] = name;
}

function listFolder(path: string): readonly FolderEntry[] {
  return readdirSync(path).map((name) => {
    const look = lstatSync(join(path, name));
    const kind = look.isFile()
      ? "file"
      : look.isDirectory()
        ? "folder"
        : look.isSymbolicLink()
          ? "link"
          : "other";
    return { name, kind, isProgram: (look.mode & 0o100) !== 0, bytes: look.size };
  });
}

/** On stderr, so that stdout has only results. */
function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  return new Promise<string>((resolve) => {
    lines.once("SIGINT", () => resolve(""));
    lines.once("close", () => resolve(""));
    lines.question(question, resolve);
  }).finally(() => lines.close());
}

function onInterrupt(heard: (signal: "SIGINT" | "SIGTERM") => void): () => void {
  const names = ["SIGINT", "SIGTERM"] as const;
  const hear = (name: NodeJS.Signals): void => heard(name === "SIGTERM" ? "SIGTERM" : "SIGINT");
  for (const name of names) process.on(name, hear);
  return () => {
    for (const name of names) process.off(name, hear);
  };
}
