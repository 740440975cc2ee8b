import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { hourlyUsd, stepsMs, usdAtMost } from "../../../scripts/acceptance/ceiling.js";
import { isYes, question } from "../../../scripts/acceptance/confirm.js";
import { declare, type ImageChoice } from "../../../scripts/acceptance/declaration.js";
import { type AcceptanceOptions, acceptanceCommand } from "../../../scripts/acceptance/options.js";
import { renderJson, renderMarkdown } from "../../../scripts/acceptance/report.js";
import { parseMusterConfig } from "../../../stacks/config/load.js";

const INITIAL =
  "org:\n  name: demo # a name\n  region: us-east-1\nstate: {type: local}\nclusters: [{name: alpha, nodes: 2}]\n";

describe("the declaration", () => {
  test.each([
    [{ kind: "bake" }, { family: "acceptance" }],
    [{ kind: "ami", id: "ami-0123456789abcdef0" }, { id: "ami-0123456789abcdef0" }],
    [{ kind: "family", family: "mpi" }, { family: "mpi" }],
  ] as const satisfies readonly (readonly [ImageChoice, object])[])(
    "with the image %j is one that stacks take",
    (image, expected) => {
      const text = declare(INITIAL, { image, bucket: "muster-acceptance-1" });
      expect(parse(text)).toMatchObject({ clusters: [{ image: expected }, { image: expected }] });
      const config = parseMusterConfig(text, "muster.yaml", () => Buffer.from(""));
      expect(config.clusters.map(({ cluster }) => cluster.name)).toEqual(["alpha", "beta"]);
      expect(text).toContain("# a name");
    },
  );
});

describe("the ceiling", () => {
  const node = { cluster: "alpha", what: "c5.xlarge nodes", count: 2, usdPerHour: 0.4 };
  const org = { cluster: null, what: "NAT gateway", count: 1, usdPerHour: 0.1 };

  test("counts nodes that muster cost leaves out, at the price of the dearest", () => {
    expect(hourlyUsd({ items: [node, org], usdPerHour: 0.5 }, 2)).toBeCloseTo(0.9);
    expect(hourlyUsd({ items: [node, { ...org, usdPerHour: null }], usdPerHour: null }, 2)).toBeNull();
  });

  test.each([
    [{ hours: 2, usd: 5 }, 1, 1.5, 2],
    [{ hours: 10, usd: 5 }, 1, 4.5, 5],
    [{ hours: 10, usd: 1 }, 4, 0, 1],
    [{ hours: 0.25, usd: 5 }, 1, 0, 0.25],
    [{ hours: 2, usd: 5 }, 0, 1.5, 0],
  ])("%j at %d USD an hour gives the steps %d h, and costs %d USD at most", (ceiling, usd, hours, most) => {
    expect(stepsMs(ceiling, usd)).toBe(hours * 3_600_000);
    expect(usdAtMost(ceiling, usd)).toBe(most);
  });
});

describe("the question", () => {
  const offer = { usdPerHour: 0.9, usdAtMost: 1.8, ceiling: { hours: 2, usd: 5 } };

  test("names account, region, org, cost and ceiling", () => {
    const asked = question(offer, { account: "123456789012", region: "eu-west-1", org: "demo" });
    for (const word of ["123456789012", "eu-west-1", "demo", "0.90 USD", "2 h", "5 USD", "1.80 USD"])
      expect(asked).toContain(word);
  });

  test.each([
    ["123456789012", true],
    [" 123456789012\n", true],
    ["yes", false],
    ["", false],
  ])("answered with %j: %s", (answer, isAgreed) => expect(isYes(answer, "123456789012")).toBe(isAgreed));
});

describe("the report", () => {
  const head = {
    ...{
      at: "2026-11-27T12:00:00.000Z",
      place: "AWS",
      account: "123456789012",
      org: "demo",
      region: "us-east-1",
    },
    ...{ seconds: 61.5, left: ["cd /tmp/project", "npx cdktf destroy '*'"] },
  };
  const outcome = {
    result: "failed",
    ...{ why: "interrupted by SIGINT", isLeft: true },
    offer: { usdPerHour: 0.9, usdAtMost: 1.8, ceiling: { hours: 2, usd: 5 } },
    steps: [
      { name: "deploy", title: "cdktf deploy", result: "passed", seconds: 60.1, why: null },
      { name: "job", title: "a job", result: "failed", seconds: 1.4, why: "rank 1 | died\nexit status 3" },
      { name: "git", title: "a job of Git", result: "left out", seconds: 0, why: "no repository" },
    ],
  } as const;

  test("as JSON has each step with its result, seconds and reason", () => {
    expect(JSON.parse(renderJson(head, outcome))).toEqual({ ...head, ...outcome });
  });

  test("as Markdown is a table, with how to remove what is left", () => {
    const lines = renderMarkdown(head, outcome).split("\n");
    expect(lines[0]).toBe("# Acceptance: failed");
    expect(lines).toEqual(
      expect.arrayContaining([
        "2026-11-27T12:00:00.000Z, AWS, account 123456789012, region us-east-1, org demo, 61.5 s.",
        "interrupted by SIGINT",
        "| cdktf deploy | passed | 60.1 |  |",
        "| a job | failed | 1.4 | rank 1 \\| died<br>exit status 3 |",
        "| a job of Git | left out | 0.0 | no repository |",
        "cd /tmp/project",
      ]),
    );
    expect(renderMarkdown({ ...head, left: [] }, outcome)).not.toContain("may be left");
  });
});

describe("the options", () => {
  const read = async (...words: string[]): Promise<AcceptanceOptions> => {
    let seen: AcceptanceOptions | null = null;
    const command = acceptanceCommand(async (options) => {
      seen = options;
      return 0;
    }).configureOutput({ writeErr: () => undefined });
    await command.parseAsync(words, { from: "user" });
    if (seen === null) throw new Error("it did not run");
    return seen;
  };

  test("default to the local cloud, below 2 h and 5 USD", async () => {
    const options = await read();
    expect(options).toMatchObject({ maxHours: 2, maxUsd: 5, report: "dist/acceptance" });
    expect(options.aws).toBeUndefined();
    expect(await read("--yes")).toMatchObject({ aws: true, yes: true });
    expect(await read("--image", "bake")).toMatchObject({ image: { kind: "bake" } });
  });

  test.each([
    [["--max-usd", "0"], "Give a number above 0"],
    [["--max-hours", "soon"], "Give a number above 0"],
    [["--image", "ami-x"], "Give `bake`"],
  ])("%j fails", async (words, why) => {
    await expect(read(...words)).rejects.toThrow(why);
  });
});
