/** The used parts of `terraform show -json`'s output. */
interface ShownState {
  readonly values?: {
    readonly outputs?: Readonly<Record<string, { readonly value: unknown }>>;
    readonly root_module: { readonly resources?: readonly ShownResource[] };
  };
}

interface ShownResource {
  readonly mode: string;
  readonly type: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** Made up by AWS or by Terraform at creation: ids, times, the ends of names. */
const MADE_UP: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "UUID"],
  [
    /\b(fl|fs|fsap|fsmt|sg|sgr|subnet|vpc|vpce|igw|nat|rtb|rtbassoc|eipalloc|eipassoc|eni|acl|lt|pg|ami|i|r|dopt|pl)-[0-9a-f]+\b/g,
    "$1-ID",
  ],
  [/\b(muster-demo-logs|terraform)-\d+/g, "$1-N"],
  [/\bec2-\d+-\d+-\d+-\d+\./g, "ec2-ADDRESS."],
  [/\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:\d{2})/g, "TIME"],
  [/\b(?:\d{1,3}\.){3}\d{1,3}\b(?!\/)/g, "ADDRESS"],
  [/\b(?:AROA|AIPA)[A-Z0-9]+\b/g, "IAM-ID"],
  [/r-[0-9a-f]+\d+/g, "ROUTE-ID"],
];

/**
 * Outputs and managed resources by type, with what is made up at creation replaced: two deployments of the same are equal.
 * JSON in texts (policies, user data) is compared as what it says, not by its spaces.
 */
export function normalised({ values }: ShownState): Readonly<Record<string, readonly unknown[]>> {
  const byType: Record<string, unknown[]> = {};
  for (const resource of values?.root_module.resources ?? []) {
    if (resource.mode !== "managed") continue;
    byType[resource.type] = [...(byType[resource.type] ?? []), plain(resource.values)];
  }
  const outputs = Object.entries(values?.outputs ?? {}).map(([name, { value }]) => plain([name, value]));
  const sorted = Object.entries({ ...byType, outputs }).map(([type, found]) => [type, found.sort(byJson)]);
  return Object.fromEntries(sorted);
}

const byJson = (left: unknown, right: unknown): number =>
  JSON.stringify(left) < JSON.stringify(right) ? -1 : 1;

function plain(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => plain(item)).sort(byJson);
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([name, inner]) => [name, plain(inner, name)]);
    return Object.fromEntries(entries.sort(([left], [right]) => (String(left) < String(right) ? -1 : 1)));
  }
  if (typeof value !== "string") return value;
  if (key === "unique_id") return "ID";
  return plainText(key === "user_data" ? Buffer.from(value, "base64").toString() : value);
}

function plainText(text: string): unknown {
  const replaced = MADE_UP.reduce((left, [pattern, instead]) => left.replace(pattern, instead), text);
  const [json] = /\{.*\}/s.exec(replaced) ?? [];
  if (json === undefined) return replaced;
  try {
    return [replaced.replace(json, "JSON"), plain(JSON.parse(json))];
  } catch {
    return replaced; // a brace in another text
  }
}
