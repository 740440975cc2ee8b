const MUSTER = "muster:";

/** Tags as the services list them. */
export interface TagPair {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

/** Those that Muster sets: of everything in an account no more is kept. */
export const toTags = (pairs: readonly TagPair[] | undefined): Record<string, string> =>
  Object.fromEntries(
    (pairs ?? []).flatMap(({ Key = "", Value = "" }) => (Key.startsWith(MUSTER) ? [[Key, Value]] : [])),
  );

/** All items of a paginated list: of each what `make` makes of it as its page comes, so that no more is held of many. */
export async function collectPages<Page, Item, Made>(
  pages: AsyncIterable<Page>,
  itemsOf: (page: Page) => readonly Item[] | undefined,
  make: (item: Item) => Made,
): Promise<Made[]> {
  const items: Made[] = [];
  for await (const page of pages) items.push(...(itemsOf(page) ?? []).map(make));
  return items;
}
