import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { AGENT_FILES } from "../../../agent/image/agent-layer.js";
import { packAgentLayer } from "../../../scripts/build/agent-layer.js";
import { runCommand } from "../../../scripts/system/command.js";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "muster-layer-"));
  for (const { source } of AGENT_FILES) {
    mkdirSync(dirname(join(root, source)), { recursive: true });
    writeFileSync(join(root, source), source);
  }
});
afterEach(() => rmSync(root, { recursive: true }));

test("the layer has every file of the agent where the image has it, with its mode, as root's", async () => {
  const file = await packAgentLayer(root);
  const listed = await runCommand(["tar", "--list", "--verbose", "--file", file], { timeoutSeconds: 60 });
  const lines = listed.trim().split("\n");
  expect(lines).toHaveLength(AGENT_FILES.length);
  for (const { target, mode } of AGENT_FILES) {
    const rights = mode === 0o755 ? "-rwxr-xr-x" : "-rw-r--r--";
    expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^${rights} root/root .* ${target}$`)));
  }
  for (const { source, target } of AGENT_FILES) {
    const text = await runCommand(["tar", "--extract", "--to-stdout", "--file", file, target], {
      timeoutSeconds: 60,
    });
    expect(text.trimEnd()).toBe(source);
  }
});

test("the same files make the same bytes", async () => {
  const first = readFileSync(await packAgentLayer(root));
  expect(readFileSync(await packAgentLayer(root)).equals(first)).toBe(true);
});

test("the guide's step unpacks it", () => {
  const guide = readFileSync(resolve(__dirname, "../../../docs/guides/images.md"), "utf8");
  expect(guide).toContain("tar --extract --file dist/agent-layer.tar --directory /");
});
