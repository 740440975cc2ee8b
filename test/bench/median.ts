/** The middle value, or the mean of the two in the middle. Throws for no values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  if (low === undefined || high === undefined) throw new Error("A median needs values.");
  return (low + high) / 2;
}

/** The least value that 99 % of them do not exceed. Throws for no values. */
export function percentile99(values: readonly number[]): number {
  const found = [...values].sort((a, b) => a - b)[Math.ceil(values.length * 0.99) - 1];
  if (found === undefined) throw new Error("A percentile needs values.");
  return found;
}

/** What each measures, so many times, by turns: whatever else the machine does meets all. */
export async function byTurns<Values extends Readonly<Record<string, unknown>>>(
  measures: { readonly [Name in keyof Values]: () => Promise<Values[Name]> },
  runs: number,
): Promise<{ readonly [Name in keyof Values]: readonly Values[Name][] }> {
  const taken = {} as { [Name in keyof Values]: Values[Name][] };
  const names: readonly (keyof Values)[] = Object.keys(measures);
  for (const name of names) taken[name] = [];
  for (let run = 0; run < runs; run += 1) for (const name of names) taken[name].push(await measures[name]());
  return taken;
}
