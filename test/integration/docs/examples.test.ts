import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { runCommand } from "../../../scripts/system/command.js";
import { buildTestMirror, type TestMirror } from "../../support/provider/mirror.js";
import { createWorkspace } from "../../support/provider/terraform.js";

const EXAMPLES = resolve(__dirname, "../../../examples/provider");
const files = readdirSync(EXAMPLES, { recursive: true, encoding: "utf8" }).filter((name) =>
  name.endsWith(".tf"),
);

describe("the provider's examples, by real terraform", () => {
  let mirror: TestMirror;
  beforeAll(async () => {
    mirror = await buildTestMirror();
  });
  afterAll(() => mirror.remove());

  test("are formatted", async () => {
    const unformatted = await runCommand(["terraform", "fmt", "-check", "-recursive", EXAMPLES], {
      timeoutSeconds: 60,
    });
    expect(unformatted).toBe("");
  });

  test.each(files)("%s is valid", async (file) => {
    const workspace = await createWorkspace(mirror.folder, {});
    try {
      await workspace.configure(readFileSync(join(EXAMPLES, file), "utf8"));
      const { exitCode, output } = await workspace.run(["validate"]);
      expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
    } finally {
      await workspace.remove();
    }
  });
});
