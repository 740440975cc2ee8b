import { byText } from "../../agent/contract/text-order.js";

/**
 * The instance types with an Elastic Fabric Adapter, as EC2's DescribeInstanceTypes lists them (network-info.efa-supported) and
 * the user guide does: a family, and its sizes. What came later is not here: the plan asks EC2 itself.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/efa.html#efa-instance-types
 */
const SIZES_WITH_EFA: Readonly<Record<string, string>> = {
  c5n: "9xlarge 18xlarge metal",
  c6a: "48xlarge metal",
  c6gn: "16xlarge",
  c6i: "32xlarge metal",
  c6id: "32xlarge metal",
  c6in: "32xlarge metal",
  c7a: "48xlarge metal-48xl",
  c7g: "16xlarge metal",
  c7gd: "16xlarge metal",
  c7gn: "16xlarge metal",
  c7i: "48xlarge metal-48xl",
  c8a: "48xlarge metal-48xl",
  c8g: "24xlarge 48xlarge metal-24xl metal-48xl",
  c8gb: "16xlarge 24xlarge 48xlarge metal-24xl metal-48xl",
  c8gd: "24xlarge 48xlarge metal-24xl metal-48xl",
  c8gn: "16xlarge 24xlarge 48xlarge metal-24xl metal-48xl",
  c8i: "48xlarge 96xlarge metal-48xl metal-96xl",
  c8ib: "48xlarge 96xlarge metal-48xl metal-96xl",
  c8id: "48xlarge 96xlarge metal-48xl metal-96xl",
  c8in: "48xlarge 96xlarge metal-48xl metal-96xl",
  dl1: "24xlarge",
  dl2q: "24xlarge",
  f2: "48xlarge",
  g4dn: "8xlarge 12xlarge 16xlarge metal",
  g5: "8xlarge 12xlarge 16xlarge 24xlarge 48xlarge",
  g6: "8xlarge 12xlarge 16xlarge 24xlarge 48xlarge",
  g6e: "8xlarge 12xlarge 16xlarge 24xlarge 48xlarge",
  g7e: "8xlarge 12xlarge 24xlarge 48xlarge",
  gr6: "8xlarge",
  hpc6a: "48xlarge",
  hpc6id: "32xlarge",
  hpc7a: "12xlarge 24xlarge 48xlarge 96xlarge",
  hpc7g: "4xlarge 8xlarge 16xlarge",
  hpc8a: "96xlarge",
  i3en: "12xlarge 24xlarge metal",
  i4g: "16xlarge",
  i4i: "32xlarge metal",
  i7i: "24xlarge 48xlarge metal-48xl",
  i7ie: "48xlarge metal-48xl",
  i8g: "48xlarge metal-48xl",
  i8ge: "48xlarge metal-48xl",
  im4gn: "16xlarge",
  inf1: "24xlarge",
  m5dn: "24xlarge metal",
  m5n: "24xlarge metal",
  m5zn: "12xlarge metal",
  m6a: "48xlarge metal",
  m6i: "32xlarge metal",
  m6id: "32xlarge metal",
  m6idn: "32xlarge metal",
  m6in: "32xlarge metal",
  m7a: "48xlarge metal-48xl",
  m7g: "16xlarge metal",
  m7gd: "16xlarge metal",
  m7i: "48xlarge metal-48xl",
  m8a: "48xlarge metal-48xl",
  m8azn: "24xlarge metal-24xl",
  m8g: "24xlarge 48xlarge metal-24xl metal-48xl",
  m8gb: "16xlarge 24xlarge 48xlarge metal-24xl metal-48xl",
  m8gd: "24xlarge 48xlarge metal-24xl metal-48xl",
  m8gn: "16xlarge 24xlarge 48xlarge metal-24xl metal-48xl",
  m8i: "48xlarge 96xlarge metal-48xl metal-96xl",
  m8ib: "48xlarge 96xlarge",
  m8id: "48xlarge 96xlarge metal-48xl metal-96xl",
  m8in: "48xlarge 96xlarge",
  p3dn: "24xlarge",
  p4d: "24xlarge",
  p4de: "24xlarge",
  p5: "4xlarge 48xlarge",
  p5e: "48xlarge",
  p5en: "48xlarge",
  "p6-b200": "48xlarge",
  "p6-b300": "48xlarge",
  r5dn: "24xlarge metal",
  r5n: "24xlarge metal",
  r6a: "48xlarge metal",
  r6i: "32xlarge metal",
  r6id: "32xlarge metal",
  r6idn: "32xlarge metal",
  r6in: "32xlarge metal",
  r7a: "48xlarge metal-48xl",
  r7g: "16xlarge metal",
  r7gd: "16xlarge metal",
  r7i: "48xlarge metal-48xl",
  r7iz: "32xlarge metal-32xl",
  r8a: "48xlarge metal-48xl",
  r8g: "24xlarge 48xlarge metal-24xl metal-48xl",
  r8gb: "16xlarge 24xlarge 48xlarge metal-24xl metal-48xl",
  r8gd: "24xlarge 48xlarge metal-24xl metal-48xl",
  r8gn: "16xlarge 24xlarge 48xlarge metal-24xl metal-48xl",
  r8i: "48xlarge 96xlarge metal-48xl metal-96xl",
  r8ib: "48xlarge 96xlarge",
  r8id: "48xlarge 96xlarge metal-48xl metal-96xl",
  r8in: "48xlarge 96xlarge",
  trn1: "32xlarge",
  trn1n: "32xlarge",
  trn2: "3xlarge 48xlarge",
  "u7i-12tb": "224xlarge",
  "u7i-6tb": "112xlarge",
  "u7i-8tb": "112xlarge",
  "u7in-16tb": "224xlarge",
  "u7in-24tb": "224xlarge",
  "u7in-32tb": "224xlarge",
  vt1: "24xlarge",
  x2idn: "32xlarge metal",
  x2iedn: "32xlarge metal",
  x2iezn: "12xlarge metal",
  x8aedz: "24xlarge metal-24xl",
  x8g: "24xlarge 48xlarge metal-24xl metal-48xl",
  x8i: "48xlarge 64xlarge 96xlarge metal-48xl metal-96xl",
};

/** As many are named. */
const NEAR = 6;

/** `c5n.18xlarge` is of series c, generation 5, family c5n. */
function partsOf(type: string) {
  const [family = "", size = ""] = type.split(".");
  const [, series = family, generation = ""] = /^([a-z]+)(\d*)/.exec(family) ?? [];
  return { family, size, series, generation: Number(generation) };
}

/** Graviton: the families whose generation is followed by a g. The image has no Intel MPI for them. Pure. */
export const isArm = (type: string): boolean => /^(?:[a-z]+\d+g|a1\.)/.test(type);

/**
 * Whether a type has an EFA; null where it may be newer than the list: of a series that is not in it, or of a later generation
 * than all of its series. Pure.
 */
export function hasEfa(type: string): boolean | null {
  const { family, size, series, generation } = partsOf(type);
  const sizes = SIZES_WITH_EFA[family];
  if (sizes !== undefined) return sizes.split(" ").includes(size);
  const known = Object.keys(SIZES_WITH_EFA).map(partsOf);
  const generations = known.filter((other) => other.series === series).map((other) => other.generation);
  return generations.length === 0 || generation > Math.max(...generations) ? null : false;
}

/**
 * The types with an EFA and Intel's processors or AMD's that are nearest to `type`: its family's, then its generation's, then its
 * series', then the HPC families'. Pure.
 */
export function typesWithEfaNear(type: string): readonly string[] {
  const wanted = partsOf(type);
  const farness = (family: string): number => {
    const { series, generation } = partsOf(family);
    if (family === wanted.family) return 0;
    if (series === wanted.series) return 1 + Math.abs(generation - wanted.generation);
    return series === "hpc" ? 50 : 100;
  };
  return Object.entries(SIZES_WITH_EFA)
    .filter(([family]) => !isArm(`${family}.`))
    .map(([family, sizes]) => ({ family, sizes: sizes.split(" "), far: farness(family) }))
    .sort((a, b) => a.far - b.far || byText(a.family, b.family))
    .flatMap(({ family, sizes }) => sizes.map((size) => `${family}.${size}`))
    .slice(0, NEAR);
}
