import { describe, expect, test } from "@jest/globals";
import { commandWords, wordsOf } from "../../../../agent/contract/command-words.js";

describe("a command's text", () => {
  // The words are those of Python 3.13's shlex.split.
  test.each<[string, string[]]>([
    ["ex.py 1", ["ex.py", "1"]],
    ["  ex.py\t1 \r\n 2\n", ["ex.py", "1", "2"]],
    ["-m mpi4py.bench helloworld", ["-m", "mpi4py.bench", "helloworld"]],
    ["ex.py 'a  b' \"c d\"", ["ex.py", "a  b", "c d"]],
    ["ex.py a' 'b\" \"c", ["ex.py", "a b c"]],
    ["ex.py --name='x \"y\"'", ["ex.py", '--name=x "y"']],
    ['ex.py "a \\"b\\" \\\\ \\n $HOME `x`"', ["ex.py", 'a "b" \\ \\n $HOME `x`']],
    ['ex.py "a\\\\" b', ["ex.py", "a\\", "b"]],
    ["ex.py 'a \\ b'", ["ex.py", "a \\ b"]],
    ["ex.py a\\ b \\'c \\\\", ["ex.py", "a b", "'c", "\\"]],
    ["ex.py a\\\nb", ["ex.py", "a\nb"]],
    ["ex.py *.txt $HOME $X ~ {a,b} #c !d", ["ex.py", "*.txt", "$HOME", "$X", "~", "{a,b}", "#c", "!d"]],
    ["ex.py größe 😀", ["ex.py", "größe", "😀"]],
    ["-c 'print(1); print(2)'", ["-c", "print(1); print(2)"]],
    ["ex.py '|' \\> \"&&\" a>b x=1;y", ["ex.py", "|", ">", "&&", "a>b", "x=1;y"]],
  ])("is split into words: %j", (text, words) => expect(commandWords(text)).toEqual({ words }));

  test.each([
    ["", "has no word"],
    [" \t\n", "has no word"],
    ["ex.py 'a", "has a quote (') at character 7 without its end"],
    ['ex.py "a\\"', 'has a quote (") at character 7 without its end'],
    ["ex.py a\\", "ends with a backslash"],
    ["ex.py ''", "has an empty word"],
    ["ex.py a\0b", "holds a NUL character"],
    ["ex.py \ud800", "lone surrogate"],
    ["ex.py > out.txt", 'has ">", and there is no shell; put it in quotes'],
    ["ex.py 2>&1", 'has "2>&1"'],
    ["a.py && b.py", 'has "&&"'],
    ["a.py | tee x", 'has "|"'],
    ["a.py ; b.py", 'has ";"'],
    ["a.py $(nproc)", 'has "$(nproc)"'],
  ])("fails: %j", (text, problem) => {
    expect(commandWords(text)).toEqual({ problem: expect.stringContaining(problem) });
  });

  test("has no more words than a job may have, however many are sent", () => {
    expect(commandWords("a ".repeat(256))).toMatchObject({ words: { length: 256 } });
    expect(commandWords("a ".repeat(500_000))).toEqual({
      problem: "has more than the 256 words that it may have",
    });
    expect(commandWords("\\".repeat(2_000_000))).toMatchObject({ words: { length: 1 } });
  });

  test("a list is taken as it is", () => {
    expect(wordsOf(["a b", ">", "'"])).toEqual({ words: ["a b", ">", "'"] });
    expect(wordsOf("a b")).toEqual({ words: ["a", "b"] });
  });
});
