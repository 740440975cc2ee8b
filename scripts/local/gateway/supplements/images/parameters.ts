/** A tag of an EC2 request or reply. */
export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** The tags that the request gives new things of that type: `TagSpecification.N` of it. */
export function tagsFor(form: URLSearchParams, resourceType: string): readonly Tag[] {
  return numbered(form, "TagSpecification")
    .filter((prefix) => form.get(`${prefix}.ResourceType`) === resourceType)
    .flatMap((prefix) =>
      numbered(form, `${prefix}.Tag`).map((tag) => ({
        key: form.get(`${tag}.Key`) ?? "",
        value: form.get(`${tag}.Value`) ?? "",
      })),
    );
}

/** The request without these parameters, and without what is below them. */
export function without(form: URLSearchParams, ...names: readonly string[]): URLSearchParams {
  const kept = [...form].filter(([key]) => !names.some((name) => key === name || key.startsWith(`${name}.`)));
  return new URLSearchParams(kept);
}

/** A request that gives the tags to all these. */
export const createTags = (ids: readonly string[], tags: readonly Tag[]): Record<string, string> => ({
  Action: "CreateTags",
  ...Object.fromEntries(ids.map((id, index) => [`ResourceId.${index + 1}`, id])),
  ...Object.fromEntries(
    tags.flatMap(({ key, value }, index) => [
      [`Tag.${index + 1}.Key`, key],
      [`Tag.${index + 1}.Value`, value],
    ]),
  ),
});

/**
 * Takes filters out of a request. Gives the request without them, numbered anew, and the values that each may have.
 */
export function takeFilters(
  form: URLSearchParams,
  names: readonly string[],
): { rest: URLSearchParams; taken: ReadonlyMap<string, readonly string[]> } {
  const rest = without(form, "Filter");
  const taken = new Map<string, readonly string[]>();
  let count = 0;
  for (const prefix of numbered(form, "Filter")) {
    const name = form.get(`${prefix}.Name`) ?? "";
    const values = numbered(form, `${prefix}.Value`).map((key) => form.get(key) ?? "");
    if (names.includes(name)) {
      taken.set(name, values);
      continue;
    }
    count += 1;
    rest.set(`Filter.${count}.Name`, name);
    for (const [index, value] of values.entries()) rest.set(`Filter.${count}.Value.${index + 1}`, value);
  }
  return { rest, taken };
}

/** `NAME.1`, `NAME.2`, ...: those that the request has, or has something below of. */
export function numbered(form: URLSearchParams, name: string): string[] {
  const found = new Set<string>();
  for (const key of form.keys()) {
    const number = key.startsWith(`${name}.`) ? key.slice(name.length + 1).split(".")[0] : undefined;
    if (number !== undefined && /^\d+$/.test(number)) found.add(`${name}.${number}`);
  }
  return [...found];
}
