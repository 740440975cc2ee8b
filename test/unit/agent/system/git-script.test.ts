import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { CHECK_OUT } from "../../../../agent/system/git-script.js";

/** Succeeds at everything but what its environment says of `ls-tree`. */
const GIT = `#!/bin/sh
case "$*" in
  *rev-parse*) echo 0123abc ;;
  *ls-tree*) printf "$SIZES"; exit "$STATUS" ;;
esac
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "muster-git-script-"));
  writeFileSync(join(folder, "git"), GIT, { mode: 0o755 });
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ["a whole list is taken", "3\\n4\\n", 0, 0, ""],
  ["an empty commit is taken", "", 0, 0, ""],
  ["a list that git breaks off is a failure", "3\\n", 128, 1, "git could not list the files"],
  ["a commit that git can't list is a failure", "", 128, 1, "git could not list the files"],
  ["too much is too much", "99\\n9\\n", 0, 1, "muster-source source-too-large its files have more"],
  ["too many are too many", "1\\n1\\n1\\n1\\n", 0, 1, "muster-source source-too-large it has more than 3"],
])("before a checkout, %s", (_name, sizes, status, expected, problem) => {
  const script = CHECK_OUT.replaceAll("/usr/bin/git", join(folder, "git"));
  const parameters = ["host", "", "", "/none", "https://host/x.git", "HEAD", folder, "100", "3", "/bin/true"];
  const ran = spawnSync("/bin/sh", ["-euc", script, "test", ...parameters], {
    env: { PATH: "/usr/bin:/bin", SIZES: sizes, STATUS: String(status) },
    encoding: "utf8",
  });
  expect([ran.status, ran.stdout]).toEqual([expected, expected === 0 ? "0123abc\n" : ""]);
  if (problem === "") expect(ran.stderr).toBe("");
  else expect(ran.stderr).toContain(problem);
});
