import { describe, expect, test } from "@jest/globals";
import { secretsOf } from "../../../../agent/contract/git-credentials.js";
import { type GitPlace, gitPlaceOf } from "../../../../agent/contract/git-place.js";
import { redacted, sourceErrorOf } from "../../../../agent/sources/git-problem.js";
import { namesToLookUp, wantedOf } from "../../../../agent/sources/git-references.js";

describe("what Git says", () => {
  test.each([
    ["fatal: couldn't find remote ref x", "source-not-found"],
    [
      "remote: Repository not found.\nfatal: repository 'https://github.com/a/b/' not found",
      "source-not-found",
    ],
    ["fatal: Authentication failed for 'https://github.com/a/b/'", "source-refused"],
    [
      "git@github.com: Permission denied (publickey).\nfatal: Could not read from remote repository.",
      "source-refused",
    ],
    ["Host key verification failed.\nfatal: Could not read from remote repository.", "source-refused"],
    ["fatal: could not read Username for 'https://github.com': terminal prompts disabled", "source-refused"],
    ["fatal: unable to access 'https://x/': Could not resolve host: x", "source-unreachable"],
    ["ssh: connect to host x port 22: Connection timed out", "source-unreachable"],
    ["fatal: unable to access 'https://x/': The requested URL returned error: 503", "source-unreachable"],
    ["fatal: unable to access 'https://x/': The requested URL returned error: 302", "source-unusable"],
    ["fatal: write error: File too large\nfatal: fetch-pack: invalid index-pack output", "source-too-large"],
    ["cat: write error: No space left on device", "source-failed"],
    ["muster-source source-unusable 'a' is a link that leads out of the source", "source-unusable"],
    ["muster-source source-invented x", "source-failed"],
    ["", "source-failed"],
  ])("%j is %s", (said, code) => {
    expect(sourceErrorOf(said)).toMatchObject({ code, message: expect.stringMatching(/./) });
  });
});

describe("secrets", () => {
  test("are taken out in every form that a program may print them in", () => {
    const secrets = secretsOf({ kind: "password", host: "h", username: "ada", password: "p@ss word/1" });
    const basic = Buffer.from("ada:p@ss word/1").toString("base64");
    const text = `p@ss word/1, p%40ss%20word%2F1, Authorization: Basic ${basic}`;
    expect(redacted(text, secrets)).toBe("***, ***, Authorization: Basic ***");
  });

  test("of a key are its lines", () => {
    const privateKey = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\nBBBB\n-----END OPENSSH PRIVATE KEY-----\n";
    expect(secretsOf({ kind: "ssh-key", host: "h", privateKey, knownHosts: "" })).toEqual(["AAAA", "BBBB"]);
  });
});

describe("what a URL means in its repository", () => {
  const place = (page: string) => gitPlaceOf(`https://github.com/acme/tools${page}`) as GitPlace;
  const wanted = (page: string, reference: string | undefined, ...names: string[]) =>
    wantedOf(place(page), reference, new Map(names.map((name) => [name, "0"])));
  const SHA = "0123456789abcdef0123456789abcdef01234567";

  test.each<[string, string, string | undefined, string[], ReturnType<typeof wanted>]>([
    ["nothing: the default branch", "", undefined, [], { want: "HEAD", path: "" }],
    [
      "the longest branch",
      "/tree/a/b/c",
      undefined,
      ["refs/heads/a", "refs/heads/a/b"],
      { want: "refs/heads/a/b", path: "c" },
    ],
    [
      "a longer tag before a branch",
      "/tree/a/b",
      undefined,
      ["refs/heads/a", "refs/tags/a/b"],
      { want: "refs/tags/a/b", path: "" },
    ],
    [
      "a branch before a tag of that name",
      "/tree/a",
      undefined,
      ["refs/tags/a", "refs/heads/a"],
      { want: "refs/heads/a", path: "" },
    ],
    ["a commit with a path", `/tree/${SHA}/x/y`, undefined, [], { want: SHA, path: "x/y" }],
    [
      "a branch that looks like a commit",
      "",
      SHA,
      [`refs/heads/${SHA}`],
      { want: `refs/heads/${SHA}`, path: "" },
    ],
    [
      "a full reference",
      "",
      "refs/pull/1/head",
      ["refs/pull/1/head"],
      { want: "refs/pull/1/head", path: "" },
    ],
    ["nothing that there is", "/tree/a/b", undefined, ["refs/heads/c"], null],
    ["a short commit", "", "0123456", [], null],
  ])("%s", (_name, page, reference, names, expected) => {
    expect(wanted(page, reference, ...names)).toEqual(expected);
  });

  test("is looked up by full names, so that no other reference ends in them", () => {
    expect(namesToLookUp(place("/tree/a/b"), undefined)).toEqual([
      "refs/heads/a/b",
      "refs/tags/a/b",
      "refs/heads/a",
      "refs/tags/a",
    ]);
    expect(namesToLookUp(place(""), undefined)).toEqual([]);
  });
});
