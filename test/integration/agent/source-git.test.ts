import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { waitFor } from "../../../scripts/system/wait.js";
import { JOB_USER } from "../../support/agent/job-user.js";
import { type SourceBench, sourceBench } from "../../support/agent/sources.js";
import { GIT_USER, type GitServer, startGitServer } from "../../support/git/server.js";

const FILES = { "pi.py": "print(1)\n", "examples/ring/ring.py": "print(2)\n", ".gitignore": "*.pyc\n" };
const LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";

let server: GitServer;
let bench: SourceBench;
let first: string;
let count = 0;
/** What each reference of references.git but its default branch points to. */
let referred: string;
beforeAll(async () => {
  server = await startGitServer();
  first = server.commit("tools.git", FILES);
  server.commit("private/tools.git", FILES);
  server.commit("acme/tools.git", FILES);
  server.commit("acme/tools.git", {}, "feature/a/b");
  referred = makeReferences();
}, 60_000);
afterAll(() => server.stop());
beforeEach(async () => {
  bench = await sourceBench({ certificates: server.certificates });
});
afterEach(() => bench.remove());

const at = (path: string) => `https://${server.host}/${path}`;
const fetchGit = (url: string, more: { reference?: string; credentials?: string } = {}) =>
  bench.fetch({ git: { url, ...more } });
const error = (code: string, message: RegExp | string = "") =>
  expect.objectContaining({ name: "SourceError", code, message: expect.stringMatching(message) });

/** A repository whose references all mean one commit, and its default branch another. */
function makeReferences(): string {
  const git = (...args: string[]) => server.git("references.git", ...args);
  const commit = server.commit("references.git", FILES);
  for (const branch of ["other", "feature/a/b"]) git("branch", branch, commit);
  git("tag", "v1", commit);
  git("-c", "user.name=Ada", "-c", "user.email=ada@example.com", "tag", "-a", "-m", "a tag", "v2", commit);
  git("update-ref", "refs/pull/7/head", commit);
  server.commit("references.git", { "pi.py": "print('newer')\n" });
  return commit;
}

/** The errands that run. */
const errandsOf = ({ own }: SourceBench): string[] =>
  readdirSync(join(own.folder, "errand"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

/** What is left at last, which is nothing unless this fails: what was moved away is removed beside what follows. */
const leftOf = (look: () => string[]): Promise<string[]> =>
  waitFor({
    ...{ what: "everything to be removed", timeoutSeconds: 10, everyMs: 100, look },
    isDone: (left) => left.length === 0,
    describe: (left) => left.join(", "),
  });

/** Arguments and environment of each process that is the job user's now. */
function looksOfProcesses(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        if (statSync(`/proc/${pid}`).uid !== JOB_USER.uid) return [];
        return ["cmdline", "environ"].map((file) => readFileSync(`/proc/${pid}/${file}`, "latin1"));
      } catch {
        // It has ended meanwhile.
        return [];
      }
    });
}

describe("a public repository", () => {
  test("gives its default branch, as the job user's files, and nothing of Git's own", async () => {
    expect(await fetchGit(at("tools.git"))).toEqual({ version: first, folder: "" });
    expect(bench.files()).toEqual([
      ".gitignore",
      "examples",
      "examples/ring",
      "examples/ring/ring.py",
      "pi.py",
    ]);
    expect(statSync(join(bench.folder, "pi.py")).uid).toBe(JOB_USER.uid);
  });

  test.each<[string, string | undefined]>([
    ["a branch", "other"],
    ["a branch with slashes", "feature/a/b"],
    ["a tag", "v1"],
    ["an annotated tag", "v2"],
    ["a full reference outside of heads and tags", "refs/pull/7/head"],
    ["a commit", undefined],
  ])("gives %s", async (_name, reference) => {
    expect(await fetchGit(at("references.git"), { reference: reference ?? referred })).toEqual({
      version: referred,
      folder: "",
    });
    expect(readFileSync(join(bench.folder, "pi.py"), "utf8")).toBe(FILES["pi.py"]);
  });

  test("with a branch and a tag of one name gives the branch; a full reference gives the other", async () => {
    const tagged = server.commit("same.git", FILES);
    server.git("same.git", "tag", "same", tagged);
    const branch = server.commit("same.git", { "pi.py": "print('branch')\n" }, "same");
    expect(await fetchGit(at("same.git"), { reference: "same" })).toMatchObject({ version: branch });
    expect(await fetchGit(at("same.git"), { reference: "refs/tags/same" })).toMatchObject({
      version: tagged,
    });
  });

  test.each<[string, string, string]>([
    ["a folder", "tree/main/examples/ring", "examples/ring"],
    ["a file, which stands for its folder", "blob/main/examples/ring/ring.py", "examples/ring"],
    ["a file at the top", "blob/main/pi.py", ""],
    ["a folder of a branch with slashes", "tree/feature/a/b/examples", "examples"],
    ["a branch whose name begins as another's", "tree/feature/a/b", ""],
  ])("by its browser's address: %s", async (_name, page, folder) => {
    expect(await fetchGit(at(`acme/tools/${page}`))).toMatchObject({ folder });
  });

  test("takes the URL's folder as the source's top: the working folder is below it", async () => {
    const git = { url: at("acme/tools/tree/main/examples") };
    expect(await bench.fetch({ git }, { workingFolder: "ring" })).toMatchObject({ folder: "examples" });
    expect(await bench.fetch({ git }, { workingFolder: "rong" })).toEqual(
      error("source-not-found", /no folder examples\/rong \(workingFolder\)/),
    );
  });
});

describe("fails with its cause, and leaves nothing", () => {
  afterEach(() => expect(existsSync(bench.folder)).toBe(false));

  test.each<[string, string, string | undefined, string, RegExp]>([
    ["no such repository", "none.git", undefined, "source-not-found", /has no such repository/],
    [
      "no such branch",
      "tools.git",
      "none",
      "source-not-found",
      /has no branch or tag none; a commit needs its 40 hex digits/,
    ],
    ["a short commit", "tools.git", "abc1234", "source-not-found", /has no branch or tag abc1234/],
    ["no such commit", "tools.git", "0".repeat(40), "source-not-found", /no such reference or commit/],
    ["no such folder", "acme/tools/tree/main/none", undefined, "source-not-found", /no folder or file none/],
    ["no password for a private one", "private/tools.git", undefined, "source-refused", /refuses access/],
    ["a redirect", "moved/tools.git", undefined, "source-unusable", /redirects/],
  ])("%s", async (_name, path, reference, code, message) => {
    expect(await fetchGit(at(path), reference === undefined ? {} : { reference })).toEqual(
      error(code, message),
    );
  });

  test("a host that does not answer", async () => {
    expect(await fetchGit("https://127.0.0.1:1/tools.git")).toEqual(error("source-unreachable"));
  });

  test("a host whose certificate is not trusted", async () => {
    const other = await sourceBench();
    expect(await other.fetch({ git: { url: at("tools.git") } })).toEqual(
      error("source-unreachable", /certificate/),
    );
    await other.remove();
  });

  test("Git LFS's pointers, naming the file", async () => {
    server.commit("lfs.git", { ...FILES, "data/big.bin": LFS });
    expect(await fetchGit(at("lfs.git"))).toEqual(
      error("source-unusable", /'data\/big\.bin' is a Git LFS pointer/),
    );
  });

  test.each([
    ["an absolute one", "/etc/passwd"],
    ["one with steps up", "../../outside"],
    ["one through another", "up/../outside"],
  ])("a link that leads out: %s", async (_name, link) => {
    const repository = `link-${++count}.git`;
    server.commit(repository, {
      "in/link": { link },
      "in/up": { link: "../in/deep/../.." },
      "in/deep/x": "x",
    });
    expect(await fetchGit(at(repository))).toEqual(
      error("source-unusable", /'in\/link' is a link that leads out/),
    );
  });

  test("more files than it may have", async () => {
    const many = Object.fromEntries(Array.from({ length: 1_001 }, (_, index) => [`f${index}`, "x"]));
    server.commit("many.git", many);
    expect(await fetchGit(at("many.git"))).toEqual(error("source-too-large", /more than 1000 files/));
  });

  test("files that are small on the way and large on the disk", async () => {
    server.commit("bomb.git", { zeros: "\0".repeat(6_000_000) });
    expect(await fetchGit(at("bomb.git"))).toEqual(error("source-too-large", /more than 5000000 bytes/));
  });

  test("a pack that is too large on the way", async () => {
    const small = await sourceBench({
      certificates: server.certificates,
      limits: { bytes: 100_000, files: 1_000, timeoutMs: 60_000 },
    });
    const random = execFileSync("head", ["-c", "300000", "/dev/urandom"]).toString("base64");
    server.commit("random.git", { random });
    expect(await small.fetch({ git: { url: at("random.git") } })).toEqual(error("source-too-large"));
    await small.remove();
  });

  test("an answer that does not come, when the time is up, with nothing left running", async () => {
    const quick = await sourceBench({
      certificates: server.certificates,
      limits: { bytes: 100_000, files: 1_000, timeoutMs: 1_000 },
    });
    expect(await quick.fetch({ git: { url: at("stuck/tools.git") } })).toEqual(
      error("source-timed-out", "it was not there after 1 s"),
    );
    expect(await leftOf(() => errandsOf(quick))).toEqual([]);
    await quick.remove();
  });

  test("fetches that are cut short, a hundred of them: the disk is as before, and nothing runs", async () => {
    for (let round = 0; round < 100; round += 1) {
      const signal = AbortSignal.timeout(5 + 2 * round);
      await bench.fetch({ git: { url: at("tools.git") } }, { signal });
    }
    await bench.fetch({ git: { url: at("none.git") } });
    expect(await leftOf(() => [...readdirSync(dirname(bench.folder)), ...errandsOf(bench)])).toEqual([]);
  }, 120_000);
});

describe("a private repository", () => {
  const password = (host = server.host) => ({ kind: "password", host, ...GIT_USER }) as const;

  test("is opened by a password, which is seen nowhere while Git runs, nor afterwards", async () => {
    bench.credentials.set("own", password());
    const seen: string[] = [];
    let isOver = false;
    const watch = (async () => {
      while (!isOver) {
        seen.push(...looksOfProcesses());
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    const got = await fetchGit(at("private/tools.git"), { credentials: "own" });
    isOver = true;
    await watch;
    expect(got).toMatchObject({ folder: "" });
    // The look was one at Git.
    expect(seen.some((look) => look.includes("ls-remote") || look.includes("fetch"))).toBe(true);
    for (const secret of [GIT_USER.password, encodeURIComponent(GIT_USER.password)])
      expect(seen.filter((look) => look.includes(secret))).toEqual([]);
    const grep = spawnSync("grep", ["-rF", GIT_USER.password, bench.folder]);
    expect({ status: grep.status, found: grep.stdout.toString() }).toEqual({ status: 1, found: "" });
    expect(bench.files()).not.toContain(".git");
  });

  test("is not opened by a wrong one, and the error shows nothing of it", async () => {
    bench.credentials.set("own", { ...password(), password: "wrong-canary" });
    const got = await fetchGit(at("private/tools.git"), { credentials: "own" });
    expect(got).toEqual(error("source-refused", /refuses access/));
    expect(JSON.stringify(got) + String(got)).not.toContain("canary");
  });

  test("of another host never sees it", async () => {
    bench.credentials.set("own", password("git.example.com"));
    expect(await fetchGit(at("private/tools.git"), { credentials: "own" })).toEqual(
      error("source-refused", /are for git\.example\.com, and the URL's host is 127\.0\.0\.1:/),
    );
    expect(server.requests().filter((line) => line.includes("evil"))).toEqual([]);
  });

  test("behind a redirect is not asked for: a password never follows one", async () => {
    bench.credentials.set("own", password());
    const before = server.requests().length;
    expect(await fetchGit(at("moved/tools.git"), { credentials: "own" })).toEqual(
      error("source-unusable", /redirects/),
    );
    const asked = server.requests().slice(before);
    expect(asked.every((line) => line.startsWith("/moved/") && line.endsWith(" open"))).toBe(true);
  });

  test("is not opened over https by an ssh key", async () => {
    bench.credentials.set("own", { kind: "ssh-key", host: server.host, privateKey: "x", knownHosts: "y" });
    expect(await fetchGit(at("private/tools.git"), { credentials: "own" })).toEqual(
      error("source-refused", /are an ssh key, for ssh URLs/),
    );
  });
});

describe("a later attempt", () => {
  test("gets the commit of the first, although the tag has moved, or is gone", async () => {
    const pinned = server.commit("moves.git", FILES);
    server.git("moves.git", "tag", "v1");
    const git = { url: at("moves.git"), reference: "v1" };
    expect(await bench.fetch({ git })).toEqual({ version: pinned, folder: "" });
    const newer = server.commit("moves.git", { "pi.py": "print('moved')\n" });
    server.git("moves.git", "tag", "-f", "v1", newer);
    expect(await bench.fetch({ git }, { version: pinned })).toEqual({ version: pinned, folder: "" });
    server.git("moves.git", "tag", "-d", "v1");
    expect(await bench.fetch({ git }, { version: pinned, sourceFolder: "examples" })).toEqual({
      version: pinned,
      folder: "examples",
    });
    expect(readFileSync(join(bench.folder, "pi.py"), "utf8")).toBe(FILES["pi.py"]);
  });

  test("fails where the commit is not there any more", async () => {
    const git = { url: at("tools.git"), reference: "main" };
    expect(await bench.fetch({ git }, { version: "1".repeat(40) })).toEqual(
      error("source-unusable", /the first attempt ran 1{40}/),
    );
  });
});
