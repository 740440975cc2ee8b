import { expect, test } from "@jest/globals";
import { jsonLog } from "../../../../provider/wire/log.js";

test("a line that quotes others' text can't move the cursor of who reads Terraform's log", () => {
  const lines: string[] = [];
  const log = jsonLog(
    (line) => lines.push(line),
    () => new Date(0),
  );
  log.info("waiting: FAILED: \x1b[2J\nApply complete!");
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    "@message": "waiting: FAILED: \\x1b[2J\\nApply complete!",
  });
});
