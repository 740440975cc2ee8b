import { type Static, Type } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import { usageMinutes } from "../../../../agent/contract/usage.js";
import {
  monthAt,
  USAGE_GROUPS,
  type UsageGroup,
  type UsagePart,
} from "../../../../agent/contract/usage-report.js";
import { CommandError } from "../../core/exit.js";
import { summarizeUsage } from "../../core/usage.js";
import { readParts } from "../../core/usage-parts.js";
import { usageCsv } from "../../render/usage.js";
import type { UsageView } from "../api.js";
import type { RouteDeps } from "../deps.js";

const Wanted = Type.Object({
  month: Type.Optional(Type.String({ pattern: "^\\d{4}-(?:0[1-9]|1[0-2])$" })),
  by: Type.Optional(Type.Unsafe<UsageGroup>(Type.Union(USAGE_GROUPS.map((group) => Type.Literal(group))))),
});
type Wanted = Static<typeof Wanted>;

const DAY_MS = 86_400_000;

/** What the org has used in a month: the rows, the days, and the rows as CSV. */
export function addUsageRoutes(app: FastifyInstance, deps: RouteDeps): void {
  const schema = { querystring: Wanted };
  app.get<{ Querystring: Wanted }>("/api/usage", { schema }, ({ query }) => read(query));
  app.get<{ Querystring: Wanted }>("/api/usage.csv", { schema }, async ({ query }, reply) => {
    const usage = await read(query);
    const name = `muster-usage-${deps.place.org}-${usage.month}-by-${usage.by}.csv`;
    return reply
      .type("text/csv; charset=utf-8")
      .header("content-disposition", `attachment; filename="${name}"`)
      .send(usageCsv(usage));
  });

  function read({ month, by = "cluster" }: Wanted): Promise<UsageView> {
    const now = deps.world.now();
    const wanted = { month: month ?? monthAt(now), by, now };
    return deps.reads.read(`usage ${wanted.month} ${by}`, async () => {
      const [parts, ofClusters] = await Promise.all([
        readParts(deps.access, wanted),
        readParts(deps.access, { ...wanted, by: "cluster" }),
      ]);
      const { prices, problem } = await findPrices(parts);
      return {
        ...summarizeUsage(parts, wanted, problem === null ? (type) => prices[type] ?? null : null),
        days: usageDays(ofClusters),
        pricesProblem: problem,
      };
    });
  }

  /** Usage is shown without them too. */
  async function findPrices(parts: readonly UsagePart[]) {
    const types = [...new Set(parts.map(({ instanceType }) => instanceType))].sort();
    if (types.length === 0) return { prices: {} as Record<string, number>, problem: null };
    const { access, place } = deps;
    try {
      return { prices: (await access.prices.listPrices(place.region, types)).nodeHour, problem: null };
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      return { prices: {} as Record<string, number>, problem: error.message };
    }
  }
}

/** Node minutes by day of UTC and cluster, the days in order, of each the clusters by name. Pure. */
function usageDays(parts: readonly UsagePart[]): UsageView["days"] {
  const pieces = parts.flatMap((part) => piecesOf(part));
  const byDay = [...Map.groupBy(pieces, ({ day }) => day)].sort(([a], [b]) => (a < b ? -1 : 1));
  return byDay.map(([day, ofDay]) => ({
    day,
    clusters: [...Map.groupBy(ofDay, ({ part }) => part.clusterName)]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, of]) => ({ name, minutes: usageMinutes(of.map(({ part }) => part)) })),
  }));
}

function piecesOf(part: UsagePart): readonly { readonly day: string; readonly part: UsagePart }[] {
  const [from, to] = [Date.parse(part.from), Date.parse(part.to)];
  const found: { readonly day: string; readonly part: UsagePart }[] = [];
  for (let day = Math.floor(from / DAY_MS) * DAY_MS; day < to; day += DAY_MS) {
    const [begin, end] = [Math.max(from, day), Math.min(to, day + DAY_MS)].map((at) =>
      new Date(at).toISOString(),
    );
    if (begin === undefined || end === undefined) continue;
    found.push({ day: begin.slice(0, 10), part: { ...part, from: begin, to: end } });
  }
  return found;
}
