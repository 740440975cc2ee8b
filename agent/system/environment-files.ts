import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { UvFailure } from "../environments/failures.js";
import { ENVIRONMENT_LIMITS } from "../environments/limits.js";
import type { EnvironmentFiles } from "../environments/ports.js";
import { BRING, CLEAN, DIGEST, DISCARD, INSTALL, READ_FILE } from "./environment-scripts.js";
import type { Errands } from "./errands.js";
import { run } from "./run.js";
import { unlessMissing } from "./unless-missing.js";

/** Where environments are, and what makes them. */
export interface EnvironmentPlaces {
  /** On a node's own disk. The same path on every node: what is installed may hold it. */
  readonly root: string;
  /** Their archives, on the shared file system. */
  readonly stored: string;
  readonly uv: string;
  readonly python: string;
  /** The image's wheel of mpi4py, and constraints.txt, which names its version. */
  readonly wheels: string;
  /** Of the node's settings: uv/uv.toml and pip.conf. */
  readonly etc: string;
}

const READ_MS = 10_000;
const DIGEST_MS = 120_000;
const CLEAN_MS = 60_000;
const FAILED = /^failed (\d+)\n([\s\S]*)$/;

/** Environments by errands: see EnvironmentFiles. `limits` are the tests' to change. */
export function createEnvironmentFiles(
  errands: Errands,
  { root, stored, uv, python, wheels, etc }: EnvironmentPlaces,
  limits: Readonly<Record<keyof typeof ENVIRONMENT_LIMITS, number>> = ENVIRONMENT_LIMITS,
): EnvironmentFiles {
  let last: Promise<unknown> = Promise.resolve();
  const { fileBytes, installKib, installTimeoutMs, bringTimeoutMs } = limits;
  const onNode = [String(limits.onNode), String(limits.onNodeKib)];
  const ofStore = [String(limits.stored), String(limits.storedKib)];

  /** One at a time: so what lies about when a call begins is of a call that was killed. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  }

  const cleanUp = (token: string) =>
    errands.run({ script: CLEAN, parameters: [root, stored, token], timeoutMs: CLEAN_MS });

  /** Runs a script that has a work folder of its own; where it fails, or is killed, nothing of it stays. */
  async function work(
    script: string,
    parameters: readonly string[],
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<string> {
    signal.throwIfAborted();
    const token = randomUUID();
    try {
      const output = await errands.run({
        script,
        parameters: [root, stored, token, ...parameters],
        timeoutMs,
        signal,
      });
      return output.toString("utf8");
    } catch (error) {
      await cleanUp(token).catch(() => undefined);
      throw error;
    }
  }

  return {
    async read(path) {
      const parameters = [path, String(fileBytes + 1)];
      const output = await errands.run({ script: READ_FILE, parameters, timeoutMs: READ_MS });
      if (output.length === 0) return null;
      const text = output.subarray(output.indexOf("\n") + 1);
      if (text.length > fileBytes) throw new Error(`${path} has more than ${fileBytes} bytes`);
      return text.toString("utf8");
    },
    async digest(folder, paths, signal) {
      const parameters = [folder, ...paths.map((path) => (path.startsWith("/") ? path : `./${path}`))];
      const output = await errands.run({ script: DIGEST, parameters, timeoutMs: DIGEST_MS, signal });
      return output.toString("utf8").trim();
    },
    install(key, { folder, file }, signal) {
      const parameters = [
        key,
        folder,
        file,
        String(installKib),
        uv,
        python,
        wheels,
        etc,
        ...onNode,
        ...ofStore,
      ];
      return inTurn(async () => failureOf(await work(INSTALL, parameters, installTimeoutMs, signal)));
    },
    bring: (key, signal) =>
      inTurn(async () => void (await work(BRING, [key, ...onNode], bringTimeoutMs, signal))),
    async discard(key) {
      const parameters = [`${stored}/${key}.tar.zst`];
      await errands.run({ script: DISCARD, parameters, timeoutMs: CLEAN_MS });
    },
    clean: () => inTurn(async () => void (await cleanUp("none"))),
  };
}

function failureOf(output: string): UvFailure | null {
  const [, status, text] = FAILED.exec(output) ?? [];
  return status === undefined ? null : { status: Number(status), text: text ?? "" };
}

/** Files of the image, and of an admin, that an installation depends on. */
const IMAGE_FILES = [
  "/usr/lib/muster/packages",
  "/usr/lib/muster/python-packages",
  "/etc/uv/uv.toml",
  "/etc/pip.conf",
];

/** What of this node's image an environment follows from, as a text. */
export async function readImageFacts(
  python: string,
  files: readonly string[] = IMAGE_FILES,
): Promise<string> {
  const version = await run(python, ["-c", "import sys; print(sys.version)"], READ_MS);
  const texts = await Promise.all(files.map((path) => readFile(path, "utf8").catch(unlessMissing)));
  return JSON.stringify([version, process.platform, process.arch, texts]);
}
