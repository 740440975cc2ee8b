import { describe, expect, test } from "@jest/globals";
import {
  calledFrom,
  controlAddress,
  parseLaunchCall,
  proxyArgvProblems,
} from "../../../../agent/launcher/proxy-argv.js";
import { INTEL_PROXY_ARGV, PROXY_ARGV } from "../../../support/agent/launcher.js";

const body = (...words: string[]) => Buffer.from(words.map((word) => `${word}\0`).join(""));

describe("Hydra's call", () => {
  test("is taken apart; the quotes around the proxy are Hydra's own", () => {
    const [proxy, ...rest] = PROXY_ARGV;
    expect(parseLaunchCall(body("-x", "10.0.0.2", `"${proxy}"`, ...rest))).toEqual({
      host: "10.0.0.2",
      argv: PROXY_ARGV,
    });
  });

  test("of Intel MPI has another option before, and no quotes", () => {
    expect(parseLaunchCall(body("-q", "-x", "10.0.0.2", ...INTEL_PROXY_ARGV))).toEqual({
      host: "10.0.0.2",
      argv: INTEL_PROXY_ARGV,
    });
  });

  test("keeps words as they are: empty, with blanks, with newlines", () => {
    expect(parseLaunchCall(body("-x", "h", "p", "", "a b", "c\nd"))).toEqual({
      host: "h",
      argv: ["p", "", "a b", "c\nd"],
    });
  });

  test.each<[string, Buffer]>([
    ["nothing", Buffer.alloc(0)],
    ["no NUL at the end", Buffer.from("-x\0h\0p")],
    ["another option", body("-l", "root", "h", "p")],
    ["no program", body("-x", "h")],
  ])("of %s fails", (_name, bytes) => {
    expect(parseLaunchCall(bytes)).toHaveProperty("problem");
  });
});

describe("a proxy's argv", () => {
  test("as mpiexec makes it has no problems", () => {
    expect(proxyArgvProblems(PROXY_ARGV)).toEqual([]);
    expect(controlAddress(PROXY_ARGV)).toBe("10.0.0.1");
  });

  const [, ...options] = PROXY_ARGV;
  const withOption = (name: string, value: string) =>
    PROXY_ARGV.map((word, index) => (PROXY_ARGV[index - 1] === name ? value : word));

  test.each<[string, readonly string[], RegExp]>([
    ["another program", ["/bin/sh", ...options], /program is "\/bin\/sh"/],
    [
      "the proxy by a path that only looks like it",
      ["/usr/bin/../bin/hydra_pmi_proxy", ...options],
      /program is/,
    ],
    ["the proxy without a path", ["hydra_pmi_proxy", ...options], /program is/],
    ["nothing", [], /program is missing/],
    ["an option that is not known", [...PROXY_ARGV, "--exec", "/bin/sh"], /"--exec" is no option/],
    ["a stray word", [...PROXY_ARGV, "; rm -rf /"], /"; rm -rf \/" is no option/],
    ["an option by its prototype's name", [...PROXY_ARGV, "constructor"], /"constructor" is no option/],
    ["an option twice", [...PROXY_ARGV, "--pgid", "0"], /--pgid is given twice/],
    ["a value that is missing", [...PROXY_ARGV.slice(0, -1)], /--proxy-id can't be missing/],
    ["a name for the address", withOption("--control-port", "evil.example:80"), /--control-port can't be/],
    ["words after the address", withOption("--control-port", "10.0.0.1:80 -x"), /--control-port can't be/],
    ["a newline after the address", withOption("--control-port", "10.0.0.1:80\n"), /--control-port can't be/],
    ["another launcher", withOption("--launcher", "fork"), /--launcher can't be "fork"/],
    ["another program as launcher", withOption("--launcher-exec", "/tmp/x"), /--launcher-exec can't be/],
    ["a number that is none", withOption("--pgid", "0x1"), /--pgid can't be/],
    [
      "no address at all",
      PROXY_ARGV.filter((_word, index) => index !== 1 && index !== 2),
      /--control-port is missing/,
    ],
  ])("with %s fails", (_name, argv, problem) => {
    expect(proxyArgvProblems(argv).join("; ")).toMatch(problem);
  });

  test("shows every problem, and of a long word only the start", () => {
    const problems = proxyArgvProblems([PROXY_ARGV[0] ?? "", "x".repeat(10_000)]);
    expect(problems).toHaveLength(3);
    expect(problems.join().length).toBeLessThan(400);
  });
});

describe("Intel MPI's proxy", () => {
  const withOption = (name: string, value: string) =>
    INTEL_PROXY_ARGV.map((word, index) => (INTEL_PROXY_ARGV[index - 1] === name ? value : word));
  const child = INTEL_PROXY_ARGV.findIndex((word) => word.endsWith("/hydra_pmi_proxy"));

  test("with the proxy of its ranks behind it has no problems", () => {
    expect(proxyArgvProblems(INTEL_PROXY_ARGV)).toEqual([]);
    expect(controlAddress(INTEL_PROXY_ARGV)).toBe("10.0.0.1");
  });

  test("connects back to the address of the node that it is called from, whatever its name is there", () => {
    const named = withOption("--upstream-host", "ip-10-0-0-1.ec2.internal");
    expect(calledFrom(named, "10.0.0.1")).toEqual(INTEL_PROXY_ARGV);
    expect(calledFrom(PROXY_ARGV, "10.0.0.9")).toEqual(PROXY_ARGV);
  });

  test.each<[string, readonly string[], RegExp]>([
    ["no second proxy", INTEL_PROXY_ARGV.slice(0, child), /hydra_pmi_proxy is missing/],
    [
      "another second program",
      INTEL_PROXY_ARGV.map((word, index) => (index === child ? "/bin/sh" : word)),
      /"\/bin\/sh" is no option/,
    ],
    ["an option of the second that is not known", [...INTEL_PROXY_ARGV, "--exec", "x"], /"--exec" is no/],
    ["a name for the address", withOption("--upstream-host", "vm"), /--upstream-host can't be "vm"/],
    ["more nodes below it", withOption("--subtree-size", "2"), /--subtree-size can't be "2"/],
    ["another level of the tree", withOption("--tree-level", "2"), /--tree-level can't be/],
    ["another folder of programs", withOption("--base-path", "/shared/bin/"), /--base-path can't be/],
    ["another program as launcher", withOption("--launcher-exec", "/tmp/x"), /--launcher-exec can't be/],
    [
      "MPICH's options",
      [INTEL_PROXY_ARGV[0] ?? "", ...PROXY_ARGV.slice(1)],
      /"--control-port" is no option .*--upstream-host is missing/,
    ],
  ])("with %s fails", (_name, argv, problem) => {
    expect(proxyArgvProblems(argv).join("; ")).toMatch(problem);
  });
});
