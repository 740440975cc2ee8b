import { describe, expect, test } from "@jest/globals";
import { JOB_LIMITS } from "../../../../agent/contract/job-request.js";
import { parseMusterConfig } from "../../../../stacks/config/load.js";

const FILES: Readonly<Record<string, string | Buffer>> = {
  "/project/jobs/pi.py": "print(3)\n",
  "/elsewhere/e.py": "print(2)\n",
  "/project/latin1.py": Buffer.from("# -*- coding: latin-1 -*-\nprint('gr\xf6\xdfe')\n", "latin1"),
  "/project/program.py": Buffer.from("\x7fELF\x02\x01\x01\0", "latin1"),
  "/project/bom.py": "\ufeffprint('größe')\n",
  "/project/long.py": "#".repeat(JOB_LIMITS.scriptCharacters + 1),
};

function parse(...definitions: string[]) {
  const text = [
    "org: {name: demo, region: us-east-1}",
    "clusters:",
    "- name: alpha",
    "  nodes: 2",
    "  jobDefinitions:",
    ...definitions.map((definition) => `  - ${definition}`),
  ].join("\n");
  return parseMusterConfig(text, "/project/muster.yaml", (file) => {
    const content = FILES[file];
    if (content === undefined) throw new Error(`ENOENT: no such file or directory, open '${file}'`);
    return Buffer.from(content);
  }).clusters[0]?.jobDefinitions;
}

describe("a job definition of muster.yaml", () => {
  test("runs a file, whose text travels, with its arguments and every default", () => {
    expect(parse("{name: pi, file: jobs/pi.py, arguments: ['100']}")).toEqual([
      {
        name: "pi",
        command: ["pi.py", "100"],
        script: { name: "pi.py", content: "print(3)\n" },
        environment: {},
        timeoutMinutes: 60,
        run: "on_change",
        wait: true,
      },
    ]);
  });

  test("carries every character of its file, a byte-order mark too", () => {
    expect(parse("{name: bom, file: bom.py}")).toMatchObject([
      { script: { content: "\ufeffprint('größe')\n" } },
    ]);
  });

  test("runs a file from anywhere", () => {
    expect(parse("{name: e1, file: /elsewhere/e.py}")).toMatchObject([
      { command: ["e.py"], script: { content: "print(2)\n" } },
    ]);
  });

  test("runs a command that needs no file", () => {
    const [definition] = parse("{name: bench, command: [-m, mpi4py.bench], processes: 4, run: manual}") ?? [];
    expect(definition).toMatchObject({ command: ["-m", "mpi4py.bench"], processes: 4, run: "manual" });
    expect(definition).not.toHaveProperty("script");
  });

  test("runs a command that is a text, split as documented, and so is its set-up's", () => {
    expect(
      parse(
        `{name: ex, command: "ex.py 1 'a b'", setup: {command: "/bin/sh -c 'make all'", timeoutMinutes: 5}}`,
      ),
    ).toMatchObject([
      {
        command: ["ex.py", "1", "a b"],
        setup: { command: ["/bin/sh", "-c", "make all"], timeoutMinutes: 5 },
      },
    ]);
    expect(parse("{name: ex, command: [ex.py, 'a b']}")).toMatchObject([{ command: ["ex.py", "a b"] }]);
  });

  test("takes everything that a request may say, and its schedule", () => {
    const settings = {
      ...{ name: "all", command: ["train.py"], mpi: true, workingFolder: "a/b", requirements: "r.txt" },
      source: { git: { url: "https://github.com/acme/model", reference: "v1", credentials: "deploy-key" } },
      ...{
        processes: 4,
        processesPerNode: 2,
        runtime: "intel",
        onRankFailure: "continue",
        onBadNode: "continue",
        ifBusy: "refuse",
      },
      retries: { count: 2, delaySeconds: 60, on: ["failure", "node-loss"] },
      ...{ timeoutMinutes: 30, jobTimeoutMinutes: 120, run: "manual", wait: false, environment: {} },
      schedule: {
        cron: "30 6 * * 1-5",
        timeZone: "Europe/Berlin",
        startingDeadlineMinutes: 10,
        ifRunning: "queue",
      },
    };
    expect(parse(JSON.stringify(settings))).toEqual([settings]);
  });

  test.each([
    ["s3", "{s3: {uri: 's3://models/weather/'}}"],
    ["shared", "{shared: {path: /shared/model}}"],
  ])("takes its files from %s", (kind, source) => {
    expect(parse(`{name: ex, command: x.py, source: ${source}}`)).toMatchObject([{ source: { [kind]: {} } }]);
  });

  test("says every problem at once, each at its place", () => {
    const definition = `{name: ex, command: "x.py 'a", workingFolder: a, mpi: false, processes: 2, retries: {count: 99, on: [rain]}, schedule: {at: today}}`;
    for (const message of [
      /^6 problems/,
      /line 6: .*\.command: got "x\.py 'a"; it has a quote \('\) at character 6 without its end/,
      /\.workingFolder: "a" names a part of the source, and the job has none/,
      /\.processes: 2 has no meaning for a job without MPI/,
      /\.retries\.count: got 99; allowed: a whole number from 1 to 10/,
      /\.schedule\.at: .*"today".* must be a moment in UTC/,
    ])
      expect(() => parse(definition)).toThrow(message);
  });

  test.each([
    [
      "two sources",
      "source: {s3: {uri: 's3://models/x'}, shared: {path: /shared}}",
      /\.source: got .*; allowed: exactly one of git, s3, shared/,
    ],
    [
      "a folder of this machine",
      "source: {folder: x}",
      /\.source\.folder: unknown key; allowed here: git, s3, shared/,
    ],
    [
      "a shell's operator",
      "setup: {command: 'make > log'}",
      /\.setup\.command: got "make > log"; it has ">", and there is no shell/,
    ],
    [
      "a number as set-up",
      "setup: {command: 3}",
      /\.setup\.command: must be text, or a list of 1 to 256; got the number 3/,
    ],
    [
      "a retry's cause",
      "retries: {count: 1, on: [rain]}",
      /\.retries\.on\[0\]: "rain" must be failure, node-loss or the code/,
    ],
    ["a policy that there is not", "ifBusy: wait", /\.ifBusy: got "wait"; allowed: queue or refuse/],
    [
      "python itself",
      "onBadNode: fail, command: 'python x.py'",
      /\.command: got "python"; it is what Muster itself starts/,
    ],
  ])("fails with %s", (_name, part, message) => {
    const command = part.includes(" command:") && part.startsWith("onBadNode") ? "" : ", command: x.py";
    expect(() => parse(`{name: ex${command}, ${part}}`)).toThrow(message);
  });

  test("fails with a file beside a source", () => {
    expect(() => parse("{name: ex, file: jobs/pi.py, source: {shared: {path: /shared}}}")).toThrow(
      /\.file: allowed: only without source; put the file into the source/,
    );
  });

  test.each([
    [
      "neither file nor command",
      "{name: pi}",
      /jobDefinitions\[0\]\.file: is missing; needed: a Python file, or com/,
    ],
    [
      "both",
      "{name: pi, file: jobs/pi.py, command: [x]}",
      /jobDefinitions\[0\]\.command: allowed: only without file/,
    ],
    [
      "arguments without a file",
      "{name: pi, command: [x], arguments: [y]}",
      /\.arguments: allowed: only with/,
    ],
    [
      "a file that is not there",
      "{name: pi, file: no.py}",
      /\.file: got "no\.py"; it can't be read \(ENOENT/,
    ],
    [
      "a file too long to travel",
      "{name: pi, file: long.py}",
      /it has 200001 characters; allowed: at most 200000/,
    ],
    [
      "a file in another encoding",
      "{name: pi, file: latin1.py}",
      /\.file: got "latin1\.py"; it is not UTF-8: byte 0xf6 at offset 35 \(line 2\), and line 1 declares latin-1\. /,
    ],
    [
      "a file that is not text",
      "{name: pi, file: program.py}",
      /\.file: got "program\.py"; it is no text: byte 0x00 at offset 7/,
    ],
    [
      "a variable's name",
      "{name: pi, command: [x], environment: {1A: b}}",
      /environment\.1A: not allowed as a key/,
    ],
    [
      "the launcher's variable",
      "{name: pi, command: [x], environment: {PMI_RANK: '1'}}",
      /environment\.PMI_RANK: it is set by MPI's launcher/,
    ],
    [
      "a word of mpiexec's",
      "{name: pi, command: [x, ':']}",
      /command\[1\]: got ":"; it can't be passed alone/,
    ],
    [
      "a way to run it that there is not",
      "{name: pi, command: [x], run: nightly}",
      /\.run: got "nightly"; allowed: on_change or/,
    ],
    ["an unknown key", "{name: pi, comand: [x]}", /\.comand: unknown key; did you mean command\?/],
  ])("fails with %s, saying what is allowed", (_name, definition, message) => {
    expect(() => parse(definition)).toThrow(message);
  });

  test("fails with a name that another one of its cluster has", () => {
    expect(() => parse("{name: pi, command: [x]}", "{name: pi, command: [y]}")).toThrow(
      /line 7: clusters\[0\]\.jobDefinitions\[1\]\.name: got "pi"; allowed: a name that no other job definition of the cluster has .*jobDefinitions\[0\]/,
    );
  });

  test("a refused value is reported once, not as missing too", () => {
    expect(() => parse("{name: pi, file: 3}")).toThrow(
      /^1 problem in .*\n.*jobDefinitions\[0\]\.file: must be text: write "3" in quotes; got/,
    );
  });
});
