import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { renderAuthorizedKeys } from "../../../../agent/access/authorized-keys.js";
import { clusterKey } from "../../../../agent/access/cluster-key.js";
import { ROLES, roleToken } from "../../../../agent/contract/tokens.js";

const folder = mkdtempSync(join(tmpdir(), "muster-key-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("the cluster's own key", () => {
  test.each(["s3cret", "another", ""])("is one that ssh-keygen reads, with its public half", (secret) => {
    const { privateKey, publicKey } = clusterKey(secret);
    const file = join(folder, `key-${secret}`);
    writeFileSync(file, privateKey, { mode: 0o600 });
    expect(execFileSync("ssh-keygen", ["-y", "-P", "", "-f", file], { encoding: "utf8" }).trim()).toBe(
      `${publicKey} muster-nodes`,
    );
  });

  test("signs what its public half verifies", () => {
    const { privateKey, publicKey } = clusterKey("s3cret");
    const [file, signers, text] = ["signs", "signers", "text"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(file, privateKey, { mode: 0o600 });
    writeFileSync(signers, `node ${publicKey}\n`);
    writeFileSync(text, "hello");
    execFileSync("ssh-keygen", ["-q", "-Y", "sign", "-n", "test", "-f", file, text]);
    const said = execFileSync(
      "ssh-keygen",
      ["-Y", "verify", "-n", "test", "-f", signers, "-I", "node", "-s", `${text}.sig`],
      { input: "hello", encoding: "utf8" },
    );
    expect(said).toContain("Good");
  });

  test("is the same on every node, another in every cluster, and no role's token", () => {
    expect(clusterKey("a")).toEqual(clusterKey("a"));
    expect(clusterKey("a").publicKey).not.toBe(clusterKey("b").publicKey);
    for (const role of ROLES) expect(clusterKey("a").privateKey).not.toContain(roleToken("a", role));
  });
});

test("the keys that may log in: people's as they are, the cluster's for shells of private addresses alone", () => {
  const text = renderAuthorizedKeys(["ssh-ed25519 AAAA ada"], ["ssh-ed25519 BBBB"]);
  expect(text.split("\n")).toEqual([
    expect.stringMatching(/^#/),
    "ssh-ed25519 AAAA ada",
    'restrict,pty,from="10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,100.64.0.0/10" ssh-ed25519 BBBB muster-nodes',
    "",
  ]);
  expect(renderAuthorizedKeys([], ["ssh-ed25519 BBBB"]).split("\n")).toHaveLength(3);
});
