import type { UsageView } from "../../api.js";

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [720, 220, 44, 24, 10];
/** Clusters with a colour of their own; the others are one. */
const MOST_COLOURS = 7;
const OTHERS = "others";

/** Node hours of each day of a month, by cluster. The table after it says the same. */
export function UsageChart({ days, month }: { readonly days: UsageView["days"]; readonly month: string }) {
  const names = biggest(days);
  const count = daysIn(month);
  const byDay = new Map(days.map(({ day, clusters }) => [Number(day.slice(8)), clusters]));
  const most = Math.max(1, ...days.map(({ clusters }) => total(clusters))) / 60;
  const top = niceCeiling(most);
  const step = (WIDTH - LEFT) / count;
  const heightOf = (minutes: number): number => ((HEIGHT - BOTTOM - TOP) * (minutes / 60)) / top;
  return (
    <figure class="chart">
      <figcaption>Node hours by day and cluster, {month} (UTC)</figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`Node hours by day in ${month}: ${days.length} days with usage, ${Math.round(most)} node hours on the busiest one.`}
      >
        {[0, 0.5, 1].map((part) => {
          const y = HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * part;
          return (
            <g key={part}>
              <line class="grid" x1={LEFT} x2={WIDTH} y1={y} y2={y} />
              <text class="tick" x={LEFT - 6} y={y + 4} text-anchor="end">
                {(top * part).toLocaleString()}
              </text>
            </g>
          );
        })}
        {Array.from({ length: count }, (_, index) => {
          const day = index + 1;
          const x = LEFT + index * step;
          let y = HEIGHT - BOTTOM;
          return (
            <g key={day}>
              {stacked(byDay.get(day) ?? [], names).map(({ name, minutes }) => {
                const height = heightOf(minutes);
                y -= height;
                return (
                  <rect
                    key={name}
                    class={`series-${names.indexOf(name) + 1}`}
                    x={x + step * 0.14}
                    y={y}
                    width={step * 0.72}
                    height={Math.max(0, height - 0.5)}
                  >
                    <title>{`${month}-${String(day).padStart(2, "0")}: ${name}, ${(minutes / 60).toFixed(1)} node hours`}</title>
                  </rect>
                );
              })}
              {day === 1 || day % 5 === 0 ? (
                <text class="tick" x={x + step / 2} y={HEIGHT - 6} text-anchor="middle">
                  {day}
                </text>
              ) : null}
            </g>
          );
        })}
      </svg>
      <ul class="legend">
        {names.map((name, index) => (
          <li key={name}>
            <svg viewBox="0 0 10 10" aria-hidden="true">
              <rect class={`series-${index + 1}`} width="10" height="10" rx="2" />
            </svg>
            {name}
          </li>
        ))}
      </ul>
    </figure>
  );
}

type Clusters = UsageView["days"][number]["clusters"];
const total = (clusters: Clusters): number => clusters.reduce((sum, { minutes }) => sum + minutes, 0);
const daysIn = (month: string): number =>
  new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 0)).getUTCDate();

/** The clusters that have used most, and what stands for the rest. */
function biggest(days: UsageView["days"]): readonly string[] {
  const sums = new Map<string, number>();
  for (const { clusters } of days)
    for (const { name, minutes } of clusters) sums.set(name, (sums.get(name) ?? 0) + minutes);
  const names = [...sums].sort(([, a], [, b]) => b - a).map(([name]) => name);
  return names.length <= MOST_COLOURS ? names : [...names.slice(0, MOST_COLOURS - 1), OTHERS];
}

/** A day's clusters in the legend's order, the rest in one. */
function stacked(clusters: Clusters, names: readonly string[]): Clusters {
  const known = names.flatMap((name) => clusters.filter((cluster) => cluster.name === name));
  const rest = total(clusters.filter(({ name }) => !names.includes(name)));
  return rest === 0 ? known : [...known, { name: OTHERS, minutes: rest }];
}

/** 1, 2 or 5 times a power of ten, from the value on. */
function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((factor) => factor * power >= value) ?? 10) * power;
}
