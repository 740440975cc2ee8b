import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** By path: a file's text, or a link's target. */
type Files = Readonly<Record<string, string | { readonly link: string }>>;

/** A real Git server on loopback: see test/fixtures/git/server.cjs. */
export interface GitServer {
  /** With its port. */
  readonly host: string;
  /** The certificate that it shows, to be trusted. */
  readonly certificates: string;
  /** Makes a repository, or puts another commit on a branch of it; gives the commit. */
  commit(repository: string, files: Files, branch?: string): string;
  /** Runs Git in a repository. */
  git(repository: string, ...args: readonly string[]): string;
  /** The paths that were asked for, each with whether a password came with it. */
  requests(): readonly string[];
  stop(): Promise<void>;
}

export const GIT_USER = { username: "ada", password: "canary/p@ss word+1" } as const;

export async function startGitServer(): Promise<GitServer> {
  const folder = mkdtempSync(join(tmpdir(), "muster-git-"));
  chmodSync(folder, 0o755);
  makeCertificate(folder);
  writeFileSync(join(folder, "password"), `${GIT_USER.username}:${GIT_USER.password}\n`);
  const program = join(__dirname, "../../fixtures/git/server.cjs");
  const server: ChildProcess = spawn(process.execPath, [program, "127.0.0.1", "0", folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [port] = (await once(server.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
  const git = (repository: string, ...args: readonly string[]) =>
    execFileSync("git", ["-C", join(folder, repository), ...args], { encoding: "utf8" }).trim();
  return {
    host: `127.0.0.1:${port.toString().trim()}`,
    certificates: join(folder, "cert.pem"),
    git,
    commit: (repository, files, branch = "main") => commit(join(folder, repository), files, branch),
    requests: () =>
      existsSync(join(folder, "requests"))
        ? readFileSync(join(folder, "requests"), "utf8").trim().split("\n")
        : [],
    async stop() {
      const ended = once(server, "exit");
      server.kill("SIGKILL");
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

/** A certificate for 127.0.0.1 that is its own authority. */
function makeCertificate(folder: string): void {
  const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  const files = ["-keyout", join(folder, "key.pem"), "-out", join(folder, "cert.pem")];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  execFileSync("openssl", ["req", "-x509", "-days", "1", ...key, ...subject, ...files], { stdio: "ignore" });
}

const IDENTITY = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgSign=false"];

function commit(path: string, files: Files, branch: string): string {
  const work = mkdtempSync(join(tmpdir(), "muster-git-work-"));
  const git = (...args: readonly string[]) =>
    execFileSync("git", [...IDENTITY, ...args], {
      cwd: work,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  try {
    if (!existsSync(path)) execFileSync("git", ["init", "-q", "--bare", "-b", "main", path]);
    git("clone", "-q", path, ".");
    const known = git("branch", "-r").includes(`origin/${branch}`);
    git("checkout", "-q", ...(known ? [branch] : ["-b", branch]));
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(work, name)), { recursive: true });
      if (typeof content === "string") writeFileSync(join(work, name), content);
      else symlinkSync(content.link, join(work, name));
    }
    git("add", "-A");
    git("commit", "-q", "--allow-empty", "-m", "a commit");
    git("push", "-q", "origin", `HEAD:refs/heads/${branch}`);
    return git("rev-parse", "HEAD").trim();
  } finally {
    rmSync(work, { recursive: true });
  }
}
