import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";

const unit = readFileSync("agent/image/muster-agent.service", "utf8");
const flags = /^ExecStart=\S+ (.*) \S+$/m.exec(unit)?.[1]?.split(" ") ?? [];
/** What compiled code has to be of: the engine, and those flags of it that change the code. */
const tagWith = (given: readonly string[]): string =>
  execFileSync(process.execPath, [...given, "-p", "v8.cachedDataVersionTag()"], { encoding: "utf8" });

test("the agent starts with the flags that Node.js's own compiled code is of", () => {
  expect(flags).toContain("--max-old-space-size=96");
  expect(tagWith(flags)).toBe(tagWith([]));
  expect(tagWith([...flags, "--no-opt"])).not.toBe(tagWith([]));
});

/** Whether the last compiler has compiled a function that is called for a second, once `before` has run. */
function isOptimised(before: string): boolean {
  const script = `
    ${before}
    function sum(n) { let all = 0; for (let i = 0; i < n; i += 1) all = (all + i * 7) % 1000003; return all; }
    const TURBOFANNED = 64;
    const isDone = () => (%GetOptimizationStatus(sum) & TURBOFANNED) !== 0;
    const endMs = performance.now() + 1_000;
    while (!isDone() && performance.now() < endMs) sum(1_000);
    console.log(isDone());`;
  const flags = ["--import", "tsx", "--allow-natives-syntax", "-e", script];
  return execFileSync(process.execPath, flags, { encoding: "utf8" }) === "true\n";
}

test("an agent that has started is without the last compiler", () => {
  const settle = 'require("./agent/system/engine.ts").settleEngine();';
  expect(isOptimised(`${settle} ${settle}`)).toBe(false);
  expect(isOptimised("")).toBe(true);
});
