import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { renderDuration } from "../../../agent/contract/duration.js";
import { REASONS } from "../../../agent/contract/reasons.js";
import { ERRORS } from "../../../agent/errors.js";
import { DIAGNOSTICS } from "../../../provider/core/diagnostic-codes.js";
import { openPrivateState } from "../../../provider/core/private-state.js";
import type { AnyProvider } from "../../../provider/core/provider.js";
import { list, object, optional, required, string, withDefault } from "../../../provider/core/schema.js";
import type { Schema } from "../../../provider/core/types.js";
import { musterProvider } from "../../../provider/provider.js";
import { patienceMs } from "../../../provider/resources/fleet/launch-failure.js";
import { ACCOUNT_PROBLEMS } from "../../../scripts/cli/core/account-problems.js";
import { EXITS } from "../../../scripts/cli/core/exit.js";
import { renderCodePage } from "../../../scripts/docs/code-pages.js";
import { GENERATED, generatedPages } from "../../../scripts/docs/files.js";
import { type Page, renderPages } from "../../../scripts/docs/pages.js";
import { renderSchema } from "../../../scripts/docs/schema-section.js";

const ROOT = resolve(__dirname, "../../..");

describe("the generated pages", () => {
  const folder = join(ROOT, "docs");
  let pages: readonly Page[];
  beforeAll(async () => {
    pages = await generatedPages(ROOT);
  });
  const written = (path: string): string | null =>
    existsSync(join(folder, path)) ? readFileSync(join(folder, path), "utf8") : null;

  test("are up to date (else: npm run docs)", () => {
    expect(pages.length).toBeGreaterThan(15);
    expect(pages.filter(({ path, content }) => written(path) !== content).map(({ path }) => path)).toEqual(
      [],
    );
  });

  test("the folders that are generated hold nothing else", () => {
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
      (file) => /\.(md|json)$/.test(file) && GENERATED.includes(file.split("/")[0] ?? ""),
    );
    expect(files.sort()).toEqual(pages.map(({ path }) => path).sort());
  });

  test.each([
    ["reason-codes", REASONS],
    ["agent-errors", ERRORS],
    ["provider-diagnostics", DIAGNOSTICS],
    ["account-problems", ACCOUNT_PROBLEMS],
    ["exit-statuses", Object.fromEntries(Object.values(EXITS).map(({ status }) => [status, ""]))],
  ])("the page %s has exactly the codes of its list", (name, list) => {
    const page = pages.find(({ path }) => path === `reference/${name}.md`)?.content ?? "";
    const rows = [...page.matchAll(/^\| `([^`]+)` \|/gm)].map(([, code]) => code);
    expect(rows.sort()).toEqual(Object.keys(list).sort());
  });

  test("the guide to jobs names reason codes that there are", () => {
    const guide = readFileSync(join(folder, "guides/jobs.md"), "utf8");
    const cells = [...guide.matchAll(/^\|.* \| (`[^|]*`) \|$/gm)].map(([, cell]) => cell ?? "");
    const codes = cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? ""));
    expect(codes.length).toBeGreaterThan(8);
    expect(codes.filter((code) => !Object.hasOwn(REASONS, code))).toEqual([]);
  });

  test("the fleet's page tells the patience that the code has", () => {
    const fleet = pages.find(({ path }) => path === "resources/fleet.md")?.content ?? "";
    const longest = patienceMs(Number.POSITIVE_INFINITY);
    expect(patienceMs(1000)).toBe(250);
    expect(fleet).toContain(`a quarter of the time-out, at most ${renderDuration(longest)}, if`);
  });

  test("each import example has an id that the resource takes", () => {
    for (const [typeName, resource] of Object.entries(musterProvider({}).resources)) {
      if (resource.import === undefined) continue;
      const file = join(ROOT, "examples/provider/resources", `${typeName}.import.sh`);
      const [, address, id] = /^terraform import (\S+) (\S+)$/m.exec(readFileSync(file, "utf8")) ?? [];
      expect(address).toMatch(new RegExp(`^${typeName}\\.\\w+$`));
      expect(resource.import(id ?? "", openPrivateState(""))).toMatchObject({ id });
    }
  });
});

test("a page of codes has a table for each group, with further columns, and no cell breaks its row", () => {
  const codes = [
    {
      code: "a-b",
      group: "One",
      meaning: "It is | so.",
      retry: "now",
      next: "Go on.",
      more: { Status: "409" },
    },
    { code: "c", group: "Two", meaning: "M.", retry: "never", next: "N.", more: { Status: "500" } },
  ];
  const { path, content } = renderCodePage({
    name: "codes",
    title: "Codes",
    introduction: ["Hello."],
    codes,
  });
  expect(path).toBe("reference/codes.md");
  expect(content).toContain("# Codes\n");
  expect(content).toContain("Hello.\n");
  expect(content.slice(content.indexOf("## One"))).toBe(`## One

| Code | Status | Meaning | Retry | Next step |
| --- | --- | --- | --- | --- |
| \`a-b\` | 409 | It is \\| so. | now | Go on. |

## Two

| Code | Status | Meaning | Retry | Next step |
| --- | --- | --- | --- | --- |
| \`c\` | 500 | M. | never | N. |
`);
});

test("missing examples fail, all of them named at once", () => {
  const schema: Schema = { version: 0, description: "", attributes: {} };
  const thing = { schema, import: () => ({}) };
  const provider = {
    schema,
    resources: { muster_thing: thing },
    dataSources: { muster_things: { schema } },
    ephemerals: {},
  } as unknown as AnyProvider<null>;
  expect(() => renderPages(provider, () => null)).toThrow(
    /provider\.tf, .*resources\/muster_thing\.tf, .*muster_thing\.import\.sh, .*data-sources\/muster_things\.tf/,
  );
});

test("a schema's section has required, optional and nested attributes, with types and defaults", () => {
  const schema: Schema = {
    version: 0,
    description: "",
    attributes: {
      rules: optional(list(object({ port: required(string, { description: "The port." }) })), {
        description: "The rules.",
      }),
      color: withDefault(string, "red", { description: "Its color." }),
      name: required(string, { description: "Its name." }),
    },
    blocks: { timeouts: object({ create: optional(string, { description: "How long." }) }) },
  };
  expect(renderSchema(schema)).toBe(`## Schema

### Required

- \`name\` (String) Its name.

### Optional

- \`rules\` (List of Attributes) The rules. (see [below](#nested--rules))
- \`color\` (String) Its color. Default: \`"red"\`.
- \`timeouts\` (Block, Optional) (see [below](#nested--timeouts))

<a id="nested--rules"></a>
### Nested Schema for \`rules\`

Required:

- \`port\` (String) The port.

<a id="nested--timeouts"></a>
### Nested Schema for \`timeouts\`

Optional:

- \`create\` (String) How long.`);
});
