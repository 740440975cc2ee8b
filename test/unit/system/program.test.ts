import { describe, expect, test } from "@jest/globals";
import { runCommand } from "../../../scripts/system/command.js";
import { type ProgramEnd, renderProgramEnd, runProgram } from "../../../scripts/system/program.js";

const shell = (script: string): [string, ...string[]] => ["/bin/sh", "-c", script];

/** Runs it and gives its lines with its end. */
async function run(script: string, signal?: AbortSignal): Promise<{ lines: string[]; end: ProgramEnd }> {
  const lines: string[] = [];
  const onLine = (line: string, stream: string): void => void lines.push(`${stream}: ${line}`);
  const end = await runProgram(shell(script), { onLine, ...(signal === undefined ? {} : { signal }) });
  return { lines, end };
}

describe("a program", () => {
  test("tells its lines, the last without a line's end too, and its exit code", async () => {
    const { lines, end } = await run("echo one; echo two >&2; printf three; exit 3");
    expect(lines.filter((line) => line.startsWith("stdout"))).toEqual(["stdout: one", "stdout: three"]);
    expect(lines).toContain("stderr: two");
    expect(renderProgramEnd(end)).toBe("exit code 3");
  });

  test("that a signal ends says which", async () => {
    const { end } = await run("kill -TERM $$");
    expect(end).toEqual({ exitCode: null, signal: "SIGTERM" });
    expect(renderProgramEnd(end)).toBe("signal SIGTERM");
  });

  test("is interrupted once, and waited for", async () => {
    const stop = new AbortController();
    const lines: string[] = [];
    const end = await runProgram(
      shell(
        'trap "echo cleaning up; sleep 0.1; echo done; exit 7" INT; echo ready; while :; do sleep 0.05; done',
      ),
      {
        signal: stop.signal,
        onLine: (line) => {
          lines.push(line);
          if (line === "ready") stop.abort();
        },
      },
    );
    expect(lines).toEqual(["ready", "cleaning up", "done"]);
    expect(end).toEqual({ exitCode: 7, signal: null });
  });

  test("is killed at once, whatever it would do about an interruption", async () => {
    const kill = new AbortController();
    const onLine = (): void => kill.abort();
    const end = await runProgram(shell("trap '' INT TERM; echo ready; while :; do sleep 0.05; done"), {
      kill: kill.signal,
      onLine,
    });
    expect(end).toEqual({ exitCode: null, signal: "SIGKILL" });
  });

  test("that is killed is gone at once, whatever it started and lets hold its output", async () => {
    const kill = new AbortController();
    let started = 0;
    const onLine = (line: string): void => {
      started = Number(line);
      kill.abort();
    };
    const end = await runProgram(shell("sleep 600 & echo $!; wait"), { kill: kill.signal, onLine });
    expect(end).toEqual({ exitCode: null, signal: "SIGKILL" });
    expect(process.kill(started, "SIGKILL")).toBe(true);
  });

  test("is not started where the interruption came before", async () => {
    const interrupted = AbortSignal.abort(new Error("interrupted by SIGINT"));
    await expect(run("exit 0", interrupted)).rejects.toThrow("interrupted by SIGINT");
  });

  test("that is not there fails with its name", async () => {
    const missing = runProgram(["/no/such/program"], { onLine: () => undefined });
    await expect(missing).rejects.toThrow("/no/such/program could not be started: ");
  });
});

describe("a command", () => {
  test("gives its whole stdout, and each line of it as it comes", async () => {
    const lines: string[] = [];
    const options = { timeoutSeconds: 60, onLine: (line: string) => void lines.push(line) };
    expect(await runCommand(shell("echo one; echo noise >&2; echo two"), options)).toBe("one\ntwo\n");
    expect(lines).toEqual(["one", "two"]);
  });

  test("gets no arguments but its own, its environment and its folder", async () => {
    const options = { timeoutSeconds: 60, cwd: "/", env: { GREETING: "a b" } };
    const argv = shell('echo "$GREETING $PWD $0 $1"');
    expect(await runCommand([...argv, "$HOME", "x y"], options)).toBe("a b / $HOME x y\n");
  });

  test.each<[string, [string, ...string[]], RegExp]>([
    ["that fails says how and why", shell("echo no room >&2; exit 3"), /ended with exit code 3\.\nno room$/],
    [
      "shows the end of a long stderr",
      shell("seq 1 10000 >&2; echo last >&2; exit 1"),
      /^.*\.\n[\d\n]{1,2000}last$/s,
    ],
  ])("%s", async (_name, argv, message) => {
    await expect(runCommand(argv, { timeoutSeconds: 60 })).rejects.toThrow(message);
  });

  test("is killed when its time is up", async () => {
    const endless = runCommand(shell("exec sleep 600"), { timeoutSeconds: 0.3 });
    await expect(endless).rejects.toThrow(/ended with signal SIGKILL \(limit 0\.3 s\)/);
  });
});
