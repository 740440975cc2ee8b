import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { fileImports, partImports, trackedFiles } from "../../support/docs/import-graph.js";

const PROGRAMS = ["agent", "provider", "scripts", "stacks"] as const;
/** What the agent's picture leaves out, as the page says. */
const LEFT_OUT = ["agent/contract/", "agent/kernels/", "agent/time/"];

const page = readFileSync("docs/guides/architecture.md", "utf8");
const imports = fileImports(...PROGRAMS);

interface Picture {
  readonly parts: readonly string[];
  /** `a -> b`, sorted. */
  readonly arrows: readonly string[];
}

/** A mermaid picture: its nodes' labels begin with a part, and `a --> b & c` are two arrows. */
function readPicture(text: string): Picture {
  const part = new Map(
    [...text.matchAll(/^ *(\w+)\["([^"<]+)(?:<br\/>[^"]*)?"\]$/gm)].map(([, id = "", name = ""]) => [
      id,
      name,
    ]),
  );
  const nameOf = (id: string): string => part.get(id) ?? `"${id}", which is no node of the picture`;
  const arrows = [...text.matchAll(/^ *(\w+) --> (.*)$/gm)].flatMap(([, from = "", to = ""]) =>
    to.split(" & ").map((id) => `${nameOf(from)} -> ${nameOf(id)}`),
  );
  return { parts: [...part.values()], arrows: arrows.sort() };
}

const pictures = [...page.matchAll(/^```mermaid\n(.*?)^```$/gms)].map(([, text = ""]) => readPicture(text));
const whole = pictures[0] as Picture;

/** A way through `arrows` that comes back to where it began, or null. */
function circleIn(arrows: readonly string[]): string | null {
  const next = new Map<string, string[]>();
  for (const [from = "", to = ""] of arrows.map((arrow) => arrow.split(" -> ")))
    next.set(from, [...(next.get(from) ?? []), to]);
  const sound = new Set<string>();
  const visit = (part: string, way: readonly string[]): string | null => {
    if (way.includes(part)) return [...way.slice(way.indexOf(part)), part].join(" -> ");
    if (sound.has(part)) return null;
    for (const other of next.get(part) ?? []) {
      const circle = visit(other, [...way, part]);
      if (circle !== null) return circle;
    }
    sound.add(part);
    return null;
  };
  return [...next.keys()].map((part) => visit(part, [])).find((circle) => circle !== null) ?? null;
}

describe("the architecture's pictures", () => {
  test.each(pictures.map((picture) => [picture.parts[0] ?? "", picture] as const))(
    "the one that begins with %s has exactly the arrows that the code has",
    (_name, { parts, arrows }) => {
      expect(arrows).toEqual(partImports(parts, imports));
    },
  );

  test("name every folder of the programs", () => {
    const folders = new Set(trackedFiles(...PROGRAMS).flatMap((file) => /^[^/]+\/[^/]+\//.exec(file) ?? []));
    const drawn = new Set([...pictures.flatMap(({ parts }) => parts), ...LEFT_OUT]);
    expect([...folders].filter((folder) => !drawn.has(folder))).toEqual([]);
  });

  test.each(PROGRAMS)("no circle between the folders of %s/", (program) => {
    const folders = [...new Set(trackedFiles(program).flatMap((file) => /^[^/]+\/[^/]+\//.exec(file) ?? []))];
    expect(circleIn(partImports(folders, imports))).toBeNull();
  });

  test("no circle between the programs", () => {
    expect(circleIn(partImports(whole.parts, imports))).toBeNull();
    expect(circleIn(["a -> b", "b -> c", "c -> b"])).toBe("b -> c -> b");
  });

  test("the table says of each part what it imports", () => {
    const rows = [...page.matchAll(/^\| `([^`]+)` \| (.*?) \| .* \|$/gm)].flatMap(
      ([, part = "", list = ""]) =>
        [...list.matchAll(/`([^`]+)`/g)].map(([, other = ""]) => `${part} -> ${other}`),
    );
    expect(rows.sort()).toEqual(whole.arrows);
  });
});

test("the architecture's page names files and folders that are there", () => {
  const named = [...page.matchAll(/`((?:agent|provider|scripts|stacks)\/[\w./-]*)`/g)].map(
    ([, path = ""]) => path,
  );
  expect(named.length).toBeGreaterThan(40);
  expect(named.filter((path) => !existsSync(path))).toEqual([]);
});
