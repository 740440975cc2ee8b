import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { visibleText } from "../visible-text.js";

/** How a builder goes on. It ends with `done`, or in the phase whose step failed. */
export const BUILD_PHASES = ["preparing", "recipe", "steps", "checks", "cleaning", "done"] as const;
/** A report is not read beyond this. */
export const MAX_REPORT_BYTES = 65_536;

/** Words of recipe.sh and names of extra steps: nothing that JSON would have to escape, as a shell writes it. */
const StepName = Type.String({ pattern: "^[A-Za-z0-9][A-Za-z0-9 .,:()/+_-]{0,79}$" });

/**
 * What a builder says in `report.json`, which it puts after each step, every 20 s, and at its end. A shell writes it: so the
 * output is in base64, and there is no other text.
 */
const BuildReport = Type.Object({
  schema: Type.Literal(1),
  image: Type.String({ maxLength: 128, description: "the image's id" }),
  at: Type.Integer({ minimum: 0, description: "seconds since 1970 by the builder's clock" }),
  phase: Type.Union(BUILD_PHASES.map((phase) => Type.Literal(phase))),
  step: StepName,
  steps: Type.Array(
    Type.Object({
      name: StepName,
      seconds: Type.Integer({ minimum: 0 }),
      exitCode: Type.Integer({ minimum: 0, maximum: 255 }),
    }),
    { maxItems: 100, description: "that have ended, in order" },
  ),
  ok: Type.Union([Type.Boolean(), Type.Null()], {
    description: "null: it goes on; true: all is done and clean; false: `step` has failed",
  }),
  output: Type.String({
    maxLength: 16_384,
    pattern: "^[A-Za-z0-9+/]*={0,2}$",
    description: "the last 8 KB of the output of `step`, in base64",
  }),
});
type BuildReport = Static<typeof BuildReport>;

/** A report, with the output as text that a terminal can show. */
export interface KnownReport extends Omit<BuildReport, "schema" | "output"> {
  /** At most 40 lines. */
  readonly lastLines: string;
}

const LAST_LINES = 40;

/** The report in `text`, of the bake of image `id`; else what is wrong with it, completing "it ...". Pure. */
export function parseReport(text: string, id: string): KnownReport | string {
  if (text.length > MAX_REPORT_BYTES) return `has more than ${MAX_REPORT_BYTES} bytes`;
  const value = fromJson(text);
  if (!Value.Check(BuildReport, value)) {
    const first = Value.Errors(BuildReport, value).First();
    return `is no report: ${first?.path || "it"} ${first?.message ?? "is not as it has to be"}`;
  }
  if (value.image !== id) return `is of image ${JSON.stringify(value.image)}`;
  const { schema: _, output, ...known } = value;
  return { ...known, lastLines: lastLinesOf(output) };
}

function lastLinesOf(output: string): string {
  const lines = Buffer.from(output, "base64").toString("utf8").trimEnd().split("\n");
  return visibleText(lines.slice(-LAST_LINES).join("\n"), { line: 500, text: 8_192 });
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
