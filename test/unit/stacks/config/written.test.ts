import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { loadMusterConfig, parseMusterConfig } from "../../../../stacks/config/load.js";
import { ConfigError } from "../../../../stacks/config/problem.js";

const FILE = "/project/muster.yaml";
const ORG = "org: {name: demo, region: us-east-1}\n";

/** The error's lines without the title and without what it says of the key in brackets at the end. */
function problemsOf(text: string): string[] {
  try {
    parseMusterConfig(text, FILE, () => Buffer.from("print(1)\n"));
  } catch (error) {
    if (error instanceof ConfigError)
      return error.message
        .split("\n")
        .slice(1)
        .map((line) => line.trim());
    throw error;
  }
  return [];
}
const job = (more: string): string =>
  `${ORG}clusters:\n- name: alpha\n  nodes: 2\n  jobDefinitions:
  - {name: pi, ${more}}\n`;
const cluster = (more: string): string => `${ORG}clusters:\n- name: alpha\n  nodes: 2\n${more}`;
const DEFINITION = "line 6: clusters[0].jobDefinitions[0]";

describe("a value of another type fails with the type, how to write it, and what was got", () => {
  test.each([
    [
      "a number as a variable",
      job("command: [x], environment: {OMP_NUM_THREADS: 4}"),
      `${DEFINITION}.environment.OMP_NUM_THREADS: must be text: write "4" in quotes; got the number 4`,
    ],
    [
      "a boolean as a variable",
      job("command: [x], environment: {DEBUG: true}"),
      `${DEFINITION}.environment.DEBUG: must be text: write "true" in quotes; got the boolean true`,
    ],
    [
      "nothing as a variable",
      job("command: [x], environment: {DEBUG: }"),
      `${DEFINITION}.environment.DEBUG: must be text: give it a value, or remove the line; got nothing`,
    ],
    [
      "a list as a variable",
      job("command: [x], environment: {A: [b]}"),
      `${DEFINITION}.environment.A: must be text; got the list ["b"]`,
    ],
    [
      "a number with zeros in front",
      job("command: [x], environment: {ID: 007}"),
      `${DEFINITION}.environment.ID: must be text: write "007" in quotes; got the number 7`,
    ],
    [
      "an octal number",
      job("command: [x], environment: {MODE: 0o17}"),
      `${DEFINITION}.environment.MODE: must be text: write "0o17" in quotes; got the number 15`,
    ],
    [
      "a number with an exponent",
      job("command: [x], environment: {EPS: 1e-3}"),
      `${DEFINITION}.environment.EPS: must be text: write "1e-3" in quotes; got the number 0.001`,
    ],
    [
      "not a number",
      job("command: [x], environment: {A: .nan}"),
      `${DEFINITION}.environment.A: must be text: write ".nan" in quotes; got the number NaN`,
    ],
    [
      "a numeric argument",
      job("file: x.py, arguments: [--steps, 100]"),
      `${DEFINITION}.arguments[1]: must be text: write "100" in quotes; got the number 100 (one argument, exactly as the program gets it: 1 to 4096 characters)`,
    ],
    [
      "a numeric tag",
      `${ORG}clusters:\n- {name: alpha, nodes: 2, tags: {cost-center: 4711}}`,
      'line 3: clusters[0].tags.cost-center: must be text: write "4711" in quotes; got the number 4711 (a tag value: at most 256 characters)',
    ],
    [
      "a number as a name",
      "org: {name: 1234, region: us-east-1}",
      'line 1: org.name: must be text: write "1234" in quotes; got the number 1234',
    ],
    [
      "text as a number",
      cluster("").replace("2", '"2"'),
      'line 4: clusters[0].nodes: must be a whole number from 1 to 1000: write 2 without quotes; got the text "2" (number of identical nodes)',
    ],
    [
      "a fraction",
      cluster("").replace("2", "2.5"),
      "line 4: clusters[0].nodes: must be a whole number from 1 to 1000; got the number 2.5",
    ],
    [
      "a number with underscores",
      cluster("").replace("2", "1_000"),
      'line 4: clusters[0].nodes: must be a whole number from 1 to 1000; got the text "1_000"',
    ],
    [
      "yes for true",
      cluster("  efa: yes\n"),
      'line 5: clusters[0].efa: must be true or false: write true; got the text "yes"',
    ],
    [
      "Off for false",
      cluster("  efa: Off\n"),
      'line 5: clusters[0].efa: must be true or false: write false; got the text "Off"',
    ],
    [
      "a mapping that holds comments alone",
      "org:\n  name: demo\n  region: us-east-1\n  network:\n    # cidr: 10.0.0.0/16\n",
      "line 4: org.network: must be a mapping: give it a value, or remove the line; got nothing",
    ],
    [
      "text as a list",
      job("file: x.py, arguments: 100"),
      `${DEFINITION}.arguments: must be a list of 1 to 255: write [100]; got the number 100`,
    ],
    ["a list as a mapping", "org: [demo]", 'line 1: org: must be a mapping; got the list ["demo"]'],
    ["a list as the file", "- a\n", 'line 1: (the whole file): must be a mapping; got the list ["a"]'],
    [
      "a date of YAML 1.1",
      "%YAML 1.1\n---\norg: {name: demo, region: 2026-01-31}\n",
      'line 3: org.region: must be text: write "2026-01-31" in quotes; got the date',
    ],
    [
      "binary data",
      "org: {name: !!binary aGk=, region: us-east-1}",
      "line 1: org.name: must be text; got binary data",
    ],
  ])("%s", (_name, text, expected) => {
    const problems = problemsOf(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.slice(0, expected.length)).toBe(expected);
  });

  test.each([
    ["a date in YAML 1.2 is text", job("command: [x], environment: {DAY: 2026-01-31}")],
    ["yes in YAML 1.2 is text", job("command: [x], environment: {DEBUG: yes}")],
  ])("%s", (_name, text) => {
    expect(problemsOf(text)).toEqual([]);
  });
});

describe("a text of more than a variable's characters", () => {
  test("is told the limit", () => {
    expect(problemsOf(job(`command: [x], environment: {A: ${"x".repeat(32_769)}}`))).toEqual([
      expect.stringMatching(/environment\.A: got "x+\.\.\.; allowed: text of at most 32768 characters$/),
    ]);
  });
});

describe("the contract's rules are told with all other problems", () => {
  test.each([
    [
      "python first",
      job("command: [python, hello.py]"),
      `${DEFINITION}.command[0]: got "python"; it is what Muster itself starts (mpiexec -n PROCESSES python COMMAND); begin with "hello.py"`,
    ],
    [
      "python first, with a version and a path",
      job("command: [/usr/bin/python3.13, hello.py]"),
      `${DEFINITION}.command[0]: got "/usr/bin/python3.13"; it is what Muster itself starts (mpiexec -n PROCESSES python COMMAND); begin with "hello.py"`,
    ],
    [
      "mpiexec first",
      job("command: [mpiexec, -n, '4', python3, hello.py]"),
      `${DEFINITION}.command[0]: got "mpiexec"; it is what Muster itself starts (mpiexec -n PROCESSES python COMMAND); begin with "hello.py"`,
    ],
    [
      "a word that mpiexec takes for its own",
      job("file: x.py, arguments: [':']"),
      `${DEFINITION}.arguments[0]: got ":"; it can't be passed alone, mpiexec takes it as the start of another program`,
    ],
    [
      "a NUL in a word",
      job('command: ["a\\0b"]'),
      `${DEFINITION}.command[0]: got "a\\u0000b"; it holds a NUL character`,
    ],
    [
      "a NUL in a variable, which is not shown",
      job('command: [x], environment: {A: "a\\0b"}'),
      `${DEFINITION}.environment.A: it holds a NUL character`,
    ],
    [
      "Muster's own variable",
      job("command: [x], environment: {MUSTER_JOB_ID: x}"),
      `${DEFINITION}.environment.MUSTER_JOB_ID: it is set by Muster`,
    ],
    [
      "variables that are too large together",
      job(
        `command: [x], environment: {${Array.from({ length: 5 }, (_, index) => `V${index}: ${"x".repeat(32_000)}`).join(", ")}}`,
      ),
      `${DEFINITION}.environment: it takes 160010 bytes; a job's variables may take`,
    ],
    [
      "a job that is too large",
      job(`command: [${Array.from({ length: 100 }, () => "x".repeat(4_000)).join(", ")}]`),
      `${DEFINITION}: it takes 400`,
    ],
  ])("%s", (_name, text, expected) => {
    const problems = problemsOf(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.slice(0, expected.length)).toBe(expected);
  });

  test("beside the schema's", () => {
    const text = job("command: [python, x.py], run: nightly, environment: {A: 1, MUSTER_JOB_ID: y}");
    expect(problemsOf(text).map((line) => line.split(": ")[1])).toEqual([
      "clusters[0].jobDefinitions[0].environment.A",
      "clusters[0].jobDefinitions[0].run",
      "clusters[0].jobDefinitions[0].command[0]",
      "clusters[0].jobDefinitions[0].environment.MUSTER_JOB_ID",
    ]);
  });
});

describe("anchors, merge keys and extension keys", () => {
  const defaults = `${ORG}x-defaults: &defaults\n  instanceType: c5.large\n  tags: {team: cfd}\n`;

  test("x- keys at the top hold anchors, and << merges them", () => {
    const text = `${defaults}clusters:\n- {<<: *defaults, name: alpha, nodes: 2}\n- {<<: *defaults, name: beta, nodes: 1, instanceType: c5.xlarge}\n`;
    const { clusters } = parseMusterConfig(text, FILE);
    expect(clusters.map((each) => [each.cluster.instanceType, each.cluster.tags])).toEqual([
      ["c5.large", { team: "cfd" }],
      ["c5.xlarge", { team: "cfd" }],
    ]);
  });

  test("an anchor may be used by a hundred clusters", () => {
    const clusters = Array.from(
      { length: 100 },
      (_, index) => `- {<<: *defaults, name: c${index}, nodes: 1, image: *image}\n`,
    );
    const text = `${defaults}x-image: &image {family: cfd}\nclusters:\n${clusters.join("")}`;
    expect(parseMusterConfig(text, FILE).clusters).toHaveLength(100);
  });

  test("a bad value that is merged is told for the cluster that it is in", () => {
    const text = `${ORG}x-d: &d {nodes: four}\nclusters:\n- {<<: *d, name: alpha}\n`;
    expect(problemsOf(text)).toEqual([
      expect.stringMatching(
        /^line 4: clusters\[0\]\.nodes: must be a whole number from 1 to 1000; got the text "four"/,
      ),
    ]);
  });

  test.each([
    [
      "an x- key further down",
      cluster("  x-note: hi\n"),
      /^line 5: .*x-note: unknown key; keys that start with x- are allowed only at the top/,
    ],
    [
      "a merge of what is no mapping",
      cluster("  <<: 3\n"),
      /a merge key \(<<\) whose value is not an alias of a mapping; write <<: \*name/,
    ],
    [
      "an alias without an anchor",
      cluster("  image: *no\n"),
      /^line 5: .*\*no has no anchor above it; write &no before/,
    ],
    [
      "an alias in its own anchor",
      "org: &o\n  name: *o\n",
      /^line 2: .*\*o is inside the value that it refers to/,
    ],
    [
      "an alias that its own anchor's value begins with",
      `x-a: &a\n  *a : 1\n${ORG}`,
      /^line 2: .*\*a is inside the value that it refers to/,
    ],
    [
      "aliases that multiply",
      `x-a: &a [1,1,1,1,1,1,1,1,1,1]\nx-b: &b [${"*a,".repeat(30)}]\nx-c: &c [${"*b,".repeat(40)}]\n${ORG}`,
      /aliases \(\*name\) that expand to more than 1000 values/,
    ],
    ["a tag", cluster("  image: !env IMAGE\n"), /^line 5: .*an unknown tag \(!\.\.\.\)/],
  ])("fails with %s", (_name, text, expected) => {
    expect(problemsOf(text)).toEqual([expect.stringMatching(expected)]);
  });
});

describe("a file that is not one document of text fails in a sentence", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), "muster-config-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const load = (bytes: Uint8Array, environment: NodeJS.ProcessEnv = {}) => {
    const file = path.join(folder, "muster.yaml");
    writeFileSync(file, bytes);
    return loadMusterConfig({ MUSTER_CONFIG: file, ...environment });
  };

  test.each([
    [
      "UTF-16 with a mark",
      Buffer.from(`\ufeff${ORG}`, "utf16le"),
      /is in UTF-16; save it as UTF-8, e\.g\. with: iconv/,
    ],
    [
      "UTF-16 without a mark",
      Buffer.from(ORG, "utf16le"),
      /line 1: .*byte 0x00 at offset 1 .*save it as UTF-8/,
    ],
    [
      "UTF-32",
      Buffer.concat([Buffer.from([0xff, 0xfe, 0, 0]), Buffer.from("o\0\0\0")]),
      /is in UTF-32; save it as UTF-8/,
    ],
    [
      "Latin-1",
      Buffer.from(`# A\n# caf\xe9\n${ORG}`, "latin1"),
      /line 2: .*is not text in UTF-8: byte 0xe9 at offset 9 \(line 2\).*iconv -f latin1/,
    ],
    [
      "a character cut off",
      Buffer.concat([Buffer.from(`${ORG}# `), Buffer.from([0xe2, 0x82])]),
      /byte 0xe2 at offset 39 \(line 2\)/,
    ],
    ["nothing", Buffer.from(""), /is empty; declare an org and its clusters/],
    ["comments alone", Buffer.from("# org:\n"), /is empty; declare an org/],
    [
      "a tab",
      Buffer.from("org:\n\tname: demo\n"),
      /line 2: .*this line is indented with a tab; write spaces/,
    ],
    [
      "two documents",
      Buffer.from(`${ORG}---\n${ORG}`),
      /line 2: .*a second document from this line \(---\) on/,
    ],
    ["a key twice", Buffer.from(`${ORG}state: {}\nstate: {}\n`), /line 3: .*the mapping has this key twice/],
    [
      "brackets without an end",
      Buffer.from("[".repeat(100_000)),
      /line 1: .*nested more than 100 levels deep/,
    ],
    [
      "a list in a list in a list",
      Buffer.from("- ".repeat(100_000)),
      /line 1: .*nested more than 100 levels deep/,
    ],
    ["a megabyte and more", Buffer.alloc(1_048_577, "#"), /has more than 1048576 bytes/],
  ])("%s", (_name, bytes, expected) => {
    expect(() => load(bytes)).toThrow(expected);
    expect(() => load(bytes)).toThrow(ConfigError);
  });

  test("leaves out the checks that the environment names too, and refuses one that there is not", () => {
    const text = Buffer.from(`${ORG}preflight: {skip: [vcpus, rights]}\n`);
    const skipped = (MUSTER_PREFLIGHT_SKIP: string) => load(text, { MUSTER_PREFLIGHT_SKIP }).preflight.skip;
    expect(skipped("rights,dry-run")).toEqual(["vcpus", "rights", "dry-run"]);
    expect(skipped("")).toEqual(["vcpus", "rights"]);
    expect(() => skipped("rights,all")).toThrow(/MUSTER_PREFLIGHT_SKIP.*has all; allowed: vcpus, /s);
  });

  test("a byte order mark of UTF-8 does no harm", () => {
    expect(load(Buffer.from(`\ufeff${ORG}`)).org.name).toBe("demo");
  });

  test("what has no end is not read, and of a file no more than a megabyte", () => {
    expect(() => loadMusterConfig({ MUSTER_CONFIG: "/dev/zero" })).toThrow(/it is a device, and not a file/);
    expect(() => load(Buffer.from(`${ORG}#${"x".repeat(1_048_576)}\n`))).toThrow(
      /has more than 1048576 bytes/,
    );
  });

  test("a job's script in Latin-1 is refused: its bytes would not arrive", () => {
    writeFileSync(path.join(folder, "latin.py"), Buffer.from("# caf\xe9\n", "latin1"));
    expect(() => load(Buffer.from(job("file: latin.py")))).toThrow(
      /jobDefinitions\[0\]\.file: got "latin\.py"; it is not UTF-8: byte 0xe9 at offset 5 \(line 1\)/,
    );
    expect(() => load(Buffer.from(job("file: /dev/zero")))).toThrow(/it is a device, and not a file/);
    writeFileSync(path.join(folder, "long.py"), Buffer.alloc(800_001, "#"));
    expect(() => load(Buffer.from(job("file: long.py")))).toThrow(/it has more than 800000 bytes/);
  });
});

test.each(["__proto__", "constructor", "toString"])("an unknown key %s is an unknown key", (key) => {
  expect(problemsOf(cluster(`  ${key}: 1\n`))).toEqual([
    expect.stringMatching(/: unknown key; allowed here: name/),
  ]);
});
