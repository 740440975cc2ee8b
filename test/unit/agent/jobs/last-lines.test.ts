import { describe, expect, test } from "@jest/globals";
import { lastLines } from "../../../../agent/jobs/last-lines.js";

const of = (text: string, isWhole = true, bounds?: { lines: number; bytes: number }) =>
  lastLines(Buffer.from(text), isWhole, bounds);

describe("the last lines", () => {
  test.each<[string, string, boolean, string[]]>([
    ["of nothing are none", "", true, []],
    ["of a short output are all", "a\nb\n", true, ["a", "b"]],
    ["keep an unfinished last line", "a\nb", true, ["a", "b"]],
    ["keep empty lines between", "a\n\nb\n", true, ["a", "", "b"]],
    ["lose the part of a line that was cut at the start", "rt of a\nb\n", false, ["b"]],
    ["keep a part where there is nothing else", "one endless line", false, ["one endless line"]],
    ["drop carriage returns", "a\r\nb\r\n", true, ["a", "b"]],
  ])("%s", (_name, text, isWhole, lines) => {
    expect(of(text, isWhole)).toEqual(lines);
  });

  test("are at most 20", () => {
    const lines = of(Array.from({ length: 50 }, (_, i) => `line ${i}`).join("\n"));
    expect(lines).toHaveLength(20);
    expect(lines.at(-1)).toBe("line 49");
  });

  test("are bounded in bytes: older lines are left out whole", () => {
    for (const bytes of [8, 9, 11])
      expect(of("aaaa\nbbbb\ncccc\n", true, { lines: 20, bytes })).toEqual(["bbbb", "cccc"]);
    expect(of("aaaa\nbbbb\ncccc\n", true, { lines: 20, bytes: 12 })).toEqual(["aaaa", "bbbb", "cccc"]);
  });

  test("keep the end of one line that is too long, never half a character", () => {
    expect(of("xéééé\n", true, { lines: 20, bytes: 5 })).toEqual(["éé"]);
  });

  test("turn bytes that are not UTF-8 into U+FFFD", () => {
    expect(lastLines(Uint8Array.from([0x61, 0xff, 0x0a]), true)).toEqual(["a\ufffd"]);
  });
});

describe("what the launcher says of a failure", () => {
  const hydra = [
    "[mpiexec@ip-10-20-0-5] main (mpiexec/mpiexec.c:260): process manager error waiting for completion",
    "[proxy:0@ip-10-20-0-5] HYD_pmcd_pmip_control_cmd_cb (proxy/pmip_cb.c:481): assert (!closed) failed",
    "===================================================================================",
    "=   BAD TERMINATION OF ONE OF YOUR APPLICATION PROCESSES",
    "=   EXIT CODE: 9",
    "YOUR APPLICATION TERMINATED WITH THE EXIT STRING: Killed (signal 9)",
  ];
  const ours = "muster: the ranks' proxy on 10.20.0.6 ended with status 137. ";
  const linesOf = (lines: readonly string[]) =>
    lastLines(Buffer.from(lines.map((line) => `${line}\n`).join("")), true);

  test("is left out where the ranks have said something", () => {
    expect(linesOf(["step 1 done", "", ...hydra, "", ours])).toEqual(["step 1 done"]);
  });

  test("is ours where the ranks have said nothing", () => {
    expect(linesOf([...hydra, ours])).toEqual([ours]);
  });

  test("is Hydra's if there are no other lines", () => {
    expect(linesOf(hydra)).toEqual(hydra);
  });

  test("is not taken from a job whose own lines only look like it", () => {
    expect(linesOf(["== done ==", "[mpiexec] x", "EXIT CODE: 3"])).toEqual([
      "== done ==",
      "[mpiexec] x",
      "EXIT CODE: 3",
    ]);
  });
});
