import { randomUUID } from "node:crypto";
import { type GitCredentials, secretsOf } from "../contract/git-credentials.js";
import { redacted, sourceErrorOf } from "../sources/git-problem.js";
import type { FetchLimits, GitClient, GitRemote } from "../sources/ports.js";
import type { Errands } from "./errands.js";
import { CHECK_OUT, FORGET_HOST, LS_REMOTE } from "./git-script.js";

/** The program that looks at what has come: agent/sources/source.py, with its interpreter. */
export type SourceProgram = readonly [string, ...string[]];

const FORGET_TIMEOUT_MS = 30_000;

/**
 * Git, in errands as the job user. A password or a key reaches it through a pipe, and is in no argument, variable or file; of what it says in an
 * error, secrets are taken out. `certificates`: a file with those of the authorities that https trusts.
 */
export function createGitClient(
  errands: Errands,
  { program, certificates }: { readonly program: SourceProgram; readonly certificates: string },
): GitClient {
  async function run(
    script: string,
    { host, credentials }: GitRemote,
    parameters: readonly string[],
    { timeoutMs, signal }: FetchLimits,
  ): Promise<string> {
    const own = credentials?.kind === "ssh-key" ? `/tmp/.muster-ssh-${randomUUID()}` : "";
    const knownHosts = credentials?.kind === "ssh-key" ? credentials.knownHosts : "";
    const secrets = credentials === null ? [] : secretsOf(credentials);
    try {
      const output = await errands.run({
        ...{ script, timeoutMs, signal },
        parameters: [host, own, knownHosts, certificates, ...parameters],
        secret: credentials === null ? "" : secretText(credentials),
        redact: (text) => redacted(text, secrets),
      });
      return output.toString("utf8").trim();
    } catch (error) {
      throw sourceErrorOf((error as Error).message);
    } finally {
      if (own !== "")
        await errands
          .run({ script: FORGET_HOST, parameters: [own], timeoutMs: FORGET_TIMEOUT_MS })
          .catch(() => undefined);
    }
  }

  return {
    async references(remote, names, limits) {
      const text = await run(LS_REMOTE, remote, [remote.url, ...names], limits);
      const found = text.split("\n").flatMap((line) => {
        const [, hash, name] = /^([0-9a-f]{40,64})\t(\S+)$/.exec(line) ?? [];
        return hash === undefined || name === undefined || !names.includes(name)
          ? []
          : [[name, hash] as const];
      });
      return new Map(found);
    },
    checkOut(remote, want, folder, limits) {
      const bounds = [folder, String(limits.bytes), String(limits.files)];
      return run(CHECK_OUT, remote, [remote.url, want, ...bounds, ...program], limits);
    },
  };
}

/** What is read at the pipe: what a credential helper answers, or the key. */
const secretText = (credentials: GitCredentials): string =>
  credentials.kind === "ssh-key"
    ? credentials.privateKey
    : `username=${credentials.username}\npassword=${credentials.password}\n`;
