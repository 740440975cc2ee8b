import type { InstanceType } from "../../client/ports.js";

/** The filters; null = any. */
export interface Wish {
  readonly name: string | null;
  readonly architecture: string | null;
  readonly efa: boolean | null;
  readonly min_cores: number | null;
  readonly min_memory_mib: number | null;
}

/** The matching types, the smallest first; `reason` says why there are none, else null. */
export interface Choice {
  readonly types: readonly InstanceType[];
  readonly reason: string | null;
}

interface Sieve {
  readonly asks: string;
  fits(type: InstanceType): boolean;
  /** What the types that passed the earlier filters have instead. */
  instead(types: readonly InstanceType[]): string;
}

/** Applies one filter after the other, so that the reason names the filter that left none. */
export function chooseInstanceTypes(offered: readonly InstanceType[], wish: Wish): Choice {
  if (offered.length === 0) return { types: [], reason: "EC2 offers no instance types in this region" };
  let types = offered;
  const met: string[] = [];
  for (const { asks, fits, instead } of sieves(wish)) {
    const left = types.filter(fits);
    if (left.length === 0) {
      const those = met.length === 0 ? "" : ` with ${met.join(", ")}`;
      return { types: [], reason: `none of ${types.length} types${those} has ${asks}: ${instead(types)}` };
    }
    types = left;
    met.push(asks);
  }
  return { types: [...types].sort(bySize), reason: null };
}

function sieves({ name, architecture, efa, min_cores, min_memory_mib }: Wish): readonly Sieve[] {
  const found: Sieve[] = [];
  if (name !== null) {
    const pattern = patternOf(name);
    found.push({
      asks: `a name like ${name}`,
      fits: (type) => pattern.test(type.name),
      instead: (types) => `there is ${sample(types.map((type) => type.name))}`,
    });
  }
  if (architecture !== null) {
    found.push({
      asks: `architecture ${architecture}`,
      fits: (type) => type.architectures.includes(architecture),
      instead: (types) => `there is ${sample(types.flatMap((type) => type.architectures))}`,
    });
  }
  if (efa !== null) {
    found.push({
      asks: efa ? "an EFA" : "no EFA",
      fits: (type) => type.efa === efa,
      instead: () => (efa ? "all are without" : "all have one"),
    });
  }
  if (min_cores !== null) found.push(atLeast("cores", min_cores, ({ cores }) => cores));
  if (min_memory_mib !== null) {
    found.push(atLeast("MiB of memory", min_memory_mib, ({ memoryMib }) => memoryMib));
  }
  return found;
}

const atLeast = (what: string, minimum: number, of: (type: InstanceType) => number): Sieve => ({
  asks: `${minimum} ${what}`,
  fits: (type) => of(type) >= minimum,
  instead: (types) => `the most is ${Math.max(...types.map(of))}`,
});

/** A name with * and ? as a regular expression; every other character is literal. */
function patternOf(name: string): RegExp {
  const source = name.replace(/[.*?]/g, (sign) => ({ ".": "\\.", "*": ".*", "?": "." })[sign] ?? sign);
  return new RegExp(`^${source}$`);
}

const SAMPLE = 5;

function sample(values: readonly string[]): string {
  const distinct = [...new Set(values)].sort();
  const shown = distinct.slice(0, SAMPLE).join(", ");
  return distinct.length > SAMPLE ? `${shown}, ...` : shown;
}

const bySize = (a: InstanceType, b: InstanceType): number =>
  a.cores - b.cores || a.memoryMib - b.memoryMib || (a.name < b.name ? -1 : 1);
