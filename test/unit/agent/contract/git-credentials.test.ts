import { describe, expect, test } from "@jest/globals";
import {
  type GitCredentials,
  gitCredentialsProblems,
  knownHostsFor,
  parseGitCredentials,
} from "../../../../agent/contract/git-credentials.js";
import { makeTestKey } from "../../../support/ssh-keys.js";

const PEM = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
const LINE = "git.example.com ssh-ed25519 BBBB";
const password: GitCredentials = { kind: "password", host: "github.com", username: "x", password: "hunter2" };
const key = (
  knownHosts: string,
  more: Partial<Extract<GitCredentials, { kind: "ssh-key" }>> = {},
): GitCredentials => ({
  ...{ kind: "ssh-key", host: "git.example.com", privateKey: PEM, knownHosts },
  ...more,
});

test.each<[string, GitCredentials, (string | RegExp)[]]>([
  ["a password", password, []],
  ["a password of two lines", { ...password, password: "a\nb" }, [/^password: must be one line/]],
  ["an empty user name", { ...password, username: "" }, [/^username: must be one line/]],
  ["a key", key(LINE), []],
  ["a key beside a comment and an empty line", key(`# the host\n\n${LINE}\n`), []],
  ["a key for a port", key("[git.example.com]:2222 ssh-rsa AAAA", { host: "git.example.com:2222" }), []],
  [
    "no key at all",
    key(LINE, { privateKey: "AAAA" }),
    [/^private key: is not one in OpenSSH's or PEM's format/],
  ],
  [
    "a key with a passphrase",
    key(LINE, { privateKey: PEM.replaceAll("PRIVATE KEY", "ENCRYPTED PRIVATE KEY") }),
    [/^private key: has a passphrase/],
  ],
  ["a key in OpenSSH's format", key(LINE, { privateKey: makeTestKey("-t", "ed25519").privateKey }), []],
  [
    "such a key with a passphrase",
    key(LINE, { privateKey: makeTestKey("-t", "ed25519", "-N", "correct horse").privateKey }),
    [/^private key: has a passphrase/],
  ],
  ["no line for the host", key(""), [/^known_hosts: has no line for git\.example\.com\. `ssh-keyscan HOST`/]],
  [
    "no line for the host's port",
    key("", { host: "git.example.com:2222" }),
    [/no line for \[git\.example\.com\]:2222\. `ssh-keyscan -p PORT HOST`/],
  ],
  [
    "a line of another form, and one of another host",
    key(`${LINE}\nwhat\nother.example.com ssh-ed25519 BBBB`),
    ['known_hosts, line 2: is not "HOST TYPE KEY"', "known_hosts, line 3: is not for git.example.com"],
  ],
  [
    "more than a parameter holds",
    { ...password, password: "x".repeat(4_096) },
    [/^the credentials take \d+ bytes; allowed: /],
  ],
])("credentials with %s", (_name, credentials, problems) => {
  const found = gitCredentialsProblems(credentials);
  expect(found).toEqual(
    problems.map((problem) => (typeof problem === "string" ? problem : expect.stringMatching(problem))),
  );
  expect(found.join()).not.toContain("hunter2");
});

test("credentials may fill their parameter, and have not one byte more", () => {
  const empty = Buffer.byteLength(JSON.stringify({ ...password, password: "" }));
  const problems = (bytes: number) =>
    gitCredentialsProblems({ ...password, password: "x".repeat(bytes - empty) });
  expect(problems(4_096)).toEqual([]);
  expect(problems(4_097)).toEqual([
    expect.stringContaining("the credentials take 4097 bytes; allowed: 4096"),
  ]);
});

test("of a known_hosts file the host's own lines are taken", () => {
  const file = `${LINE}\r\nother ssh-rsa AAAA\na,git.example.com ecdsa-sha2-nistp256 CCCC\nnot a line`;
  expect(knownHostsFor(file, "git.example.com")).toBe(`${LINE}\na,git.example.com ecdsa-sha2-nistp256 CCCC`);
});

describe("what a parameter holds", () => {
  test("is read as it was written", () => {
    expect(parseGitCredentials(JSON.stringify(password))).toEqual(password);
  });

  test.each([
    ["is no JSON", "hunter2", "they are not JSON"],
    ["has another form", JSON.stringify({ ...password, more: 1 }), "they have not the form"],
    ["has no password", JSON.stringify({ ...password, password: undefined }), "they have not the form"],
  ])("and %s fails, without a word of it", (_name, text, problem) => {
    expect(() => parseGitCredentials(text)).toThrow(problem);
    expect(() => parseGitCredentials(text)).not.toThrow(/hunter2/);
  });
});
