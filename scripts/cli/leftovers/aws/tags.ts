/** Tags as the services list them. */
export interface TagPair {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

export const toTags = (pairs: readonly TagPair[] | undefined): Record<string, string> =>
  Object.fromEntries((pairs ?? []).map(({ Key = "", Value = "" }) => [Key, Value]));

/** All items of a paginated list. */
export async function collectPages<Page, Item>(
  pages: AsyncIterable<Page>,
  itemsOf: (page: Page) => readonly Item[] | undefined,
): Promise<Item[]> {
  const items: Item[] = [];
  for await (const page of pages) items.push(...(itemsOf(page) ?? []));
  return items;
}
