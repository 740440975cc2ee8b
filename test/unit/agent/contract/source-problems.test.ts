import { describe, expect, test } from "@jest/globals";
import { gitPlaceOf, referenceChoices, referenceProblem } from "../../../../agent/contract/git-place.js";
import { requestProblems } from "../../../../agent/contract/job-problems.js";

describe("a Git URL, as a browser shows it", () => {
  const SHA = "0123456789abcdef0123456789abcdef01234567";
  test.each<[string, string, string | null, "heads" | "tags" | null]>([
    ["https://github.com/acme/tools", "https://github.com/acme/tools.git", null, null],
    ["https://github.com/acme/tools/", "https://github.com/acme/tools.git", null, null],
    ["https://github.com/acme/tools.git", "https://github.com/acme/tools.git", null, null],
    ["https://GitHub.com/acme/tools/tree/main", "https://github.com/acme/tools.git", "main", null],
    [
      "https://github.com/acme/tools/tree/feature/a/b",
      "https://github.com/acme/tools.git",
      "feature/a/b",
      null,
    ],
    [
      "https://github.com/acme/tools/blob/main/x/pi.py#L3-L9",
      "https://github.com/acme/tools.git",
      "main/x/pi.py",
      null,
    ],
    [
      "https://github.com/acme/tools/blob/main/my%20file.py?plain=1",
      "https://github.com/acme/tools.git",
      "main/my file.py",
      null,
    ],
    [`https://github.com/acme/tools/commit/${SHA}`, "https://github.com/acme/tools.git", SHA, null],
    ["https://gitlab.com/g/sub/r/-/tree/main/x", "https://gitlab.com/g/sub/r.git", "main/x", null],
    ["https://gitlab.com/g/r/-/blob/v1/x.py?ref_type=tags", "https://gitlab.com/g/r.git", "v1/x.py", "tags"],
    ["https://git.example.com:8443/g/r/-/tree/main", "https://git.example.com:8443/g/r.git", "main", null],
    ["https://bitbucket.org/acme/tools/src/main/x/", "https://bitbucket.org/acme/tools.git", "main/x", null],
    [
      "https://codeberg.org/acme/tools/src/branch/main/x",
      "https://codeberg.org/acme/tools.git",
      "main/x",
      "heads",
    ],
    ["https://codeberg.org/acme/tools/src/tag/v1/x", "https://codeberg.org/acme/tools.git", "v1/x", "tags"],
    [`https://codeberg.org/acme/tools/src/commit/${SHA}`, "https://codeberg.org/acme/tools.git", SHA, null],
    ["https://codeberg.org/acme/tools/src/main/x", "https://codeberg.org/acme/tools.git", "main/x", null],
    ["https://codeberg.org/acme/tools/src/branch", "https://codeberg.org/acme/tools/src/branch", null, null],
    ["https://dev.azure.com/acme/p/_git/r", "https://dev.azure.com/acme/p/_git/r", null, null],
    ["https://git.example.com/tools.git", "https://git.example.com/tools.git", null, null],
    [
      "https://git.example.com/group/part/tree/oak.git",
      "https://git.example.com/group/part/tree/oak.git",
      null,
      null,
    ],
    ["ssh://git@github.com/acme/tools.git", "ssh://git@github.com/acme/tools.git", null, null],
    ["ssh://git@git.example.com:2222/a/tree/b", "ssh://git@git.example.com:2222/a/tree/b", null, null],
  ])("%s", (url, cloneUrl, rest, kind) => {
    expect(gitPlaceOf(url)).toMatchObject({ cloneUrl, rest, kind });
  });

  test("leaves the border between reference and path open, the longest reference first", () => {
    expect(referenceChoices("a/b/c", undefined)).toEqual([
      { name: "a/b/c", path: "" },
      { name: "a/b", path: "c" },
      { name: "a", path: "b/c" },
    ]);
    expect(referenceChoices("a/b/c", "a/b")).toEqual([{ name: "a/b", path: "c" }]);
    expect(referenceChoices(null, undefined)).toEqual([{ name: null, path: "" }]);
  });
});

describe("a reference", () => {
  test.each(["main", "feature/a/b", "v1.0", "refs/pull/7/head", "größe", "a@b"])("%s is one", (name) => {
    expect(referenceProblem(name)).toBeNull();
  });
  test.each([
    "--upload-pack=x",
    "-x",
    "a..b",
    "a b",
    "a\nb",
    "a\0b",
    "main~1",
    "main^{tree}",
    "a:b",
    "a?",
    "a*",
    "a[b",
    "a\\b",
    "@",
    "a@{1}",
    "/a",
    "a/",
    "a//b",
    ".a",
    "a/.b",
    "a.",
    "a.lock",
    "a.lock/b",
  ])("%j is refused", (name) => {
    expect(referenceProblem(name)).not.toBeNull();
  });
});

const problems = (source: unknown) => requestProblems({ command: ["pi.py"], source });
const git = (url: string, more: object = {}) => problems({ git: { url, ...more } });

describe("a source that is hostile or wrong fails before anything is fetched", () => {
  test.each<[string, string, RegExp]>([
    ["another transport", "ext::sh -c whoami", /must hold no blank/],
    ["a transport helper", "ext::whoami", /must begin with https:\/\/ or ssh:\/\//],
    ["a file", "file:///etc", /must begin with https/],
    ["a path", "/shared/repository", /must begin with https/],
    ["plain http", "http://github.com/acme/tools", /must begin with https/],
    ["git's own protocol", "git://github.com/acme/tools", /must begin with https/],
    ["an option", "--upload-pack=x", /must begin with https/],
    ["an option as the host", "ssh://-oProxyCommand=x/repository", /names no valid host/],
    ["an option as the user", "ssh://-oProxyCommand=x@host/repository", /user name that is not allowed/],
    ["no host", "https:///acme/tools", /names no valid host/],
    ["a line's end", "https://github.com/acme/tools\nx", /must hold no blank/],
    ["a NUL", "https://github.com/acme/tools\0", /must hold no blank/],
    ["an encoded line's end", "https://github.com/acme/to%0aols", /is not readable/],
    ["a step up", "https://github.com/acme/../tools", /no \.\./],
    ["an encoded step up", "https://github.com/acme/%2e%2e/tools", /no \.\./],
    ["a step up in the page", "https://github.com/acme/tools/tree/main/../../x", /no \.\./],
    ["a query", "https://github.com/acme/tools?x=1", /must have no query/],
    [
      "the form of scp",
      "git@github.com:acme/tools.git",
      /must be written as ssh:\/\/git@github\.com\/acme\/tools\.git/,
    ],
    ["ssh without a key", "ssh://git@github.com/acme/tools.git", /needs `credentials`/],
    ["a page without a reference", "https://github.com/acme/tools/tree/-x", /names no valid reference/],
  ])("%s", (_name, url, problem) => {
    expect(git(url)).toEqual([expect.stringMatching(problem)]);
    expect(git(url)[0]).toMatch(/^source\.git\.url: /);
  });

  test.each([
    "https://ada:canary@github.com/acme/tools",
    "https://canary@github.com/acme/tools",
    "canary@github.com:acme/tools",
    "ssh://git:canary@github.com/acme/tools",
    "https://github.com/acme/tools?private_token=canary",
    `https://ada:canary@github.com/${"x".repeat(3_000)}`,
  ])("%.60s: credentials in the URL, which no problem shows", (url) => {
    const found = git(url);
    expect(found.length).toBeGreaterThan(0);
    expect(found.join("\n")).not.toContain("canary");
  });

  test("a token in the place of the credentials' name, which no problem shows", () => {
    const found = git("https://github.com/acme/tools", { credentials: "ghp_Canary" });
    expect(found).toEqual([
      expect.stringMatching(/^source\.git\.credentials: is no name of Git credentials/),
    ]);
    expect(found.join()).not.toContain("Canary");
  });

  test("a reference that is an option", () => {
    expect(git("https://github.com/acme/tools", { reference: "--upload-pack=x" })).toEqual([
      'source.git.reference: "--upload-pack=x" must not begin with a hyphen',
    ]);
  });

  test("a reference beside another in the URL; the same one is fine", () => {
    const url = "https://github.com/acme/tools/tree/main/x";
    expect(git(url, { reference: "main" })).toEqual([]);
    expect(git(url, { reference: "v1" })).toEqual([expect.stringMatching(/names another reference/)]);
  });

  test.each<[string, unknown, RegExp]>([
    ["two sources", { shared: { path: "/shared" }, s3: { uri: "s3://bucket/key" } }, /^source: /],
    ["none", {}, /^source: /],
    ["a folder outside of /shared", { shared: { path: "/etc" } }, /^source\.shared\.path: /],
    ["a folder that leaves /shared", { shared: { path: "/shared/../etc" } }, /no \.\./],
    ["a key with a line's end", { s3: { uri: "s3://bucket/a\tb" } }, /control character/],
    ["no bucket", { s3: { uri: "https://bucket/key" } }, /^source\.s3\.uri: /],
    ["a digest that is none", { bundle: { sha256: "x", bytes: 1 } }, /^source\.bundle\.sha256: /],
    ["a list", [], /^source: /],
  ])("%s", (_name, source, problem) => {
    expect(problems(source)).toEqual(expect.arrayContaining([expect.stringMatching(problem)]));
  });

  test("a working folder without a source, or outside of it", () => {
    expect(requestProblems({ command: ["x"], workingFolder: "a" })).toEqual([
      expect.stringMatching(/^workingFolder: /),
    ]);
    const source = { shared: { path: "/shared/x" } };
    expect(requestProblems({ command: ["x"], source, workingFolder: "../y" })).toEqual([
      expect.stringMatching(/^workingFolder: "\.\.\/y" must have/),
    ]);
    expect(requestProblems({ command: ["x"], source, workingFolder: "y" })).toEqual([]);
  });
});
