import { renderXml } from "../../reply.js";

/** EC2's list of things of one kind in a reply, e.g. `<imagesSet>`. */
const setOf = (name: string): RegExp => new RegExp(`<${name}>([\\s\\S]*)</${name}>|<${name}/>`);

/**
 * EC2's XML with another list `name`: `change` gives an item's new content, or null where the item is left out. Items of items are theirs.
 * Pure.
 */
export function mapItems(xml: string, name: string, change: (item: string) => string | null): string {
  return xml.replace(setOf(name), (_whole, content: string | undefined) => {
    const items = splitItems(content ?? "").flatMap((item) => change(item) ?? []);
    return `<${name}>${items.map((item) => `<item>${item}</item>`).join("")}</${name}>`;
  });
}

/** The contents of the outermost `<item>`s. */
function splitItems(xml: string): string[] {
  const items: string[] = [];
  let depth = 0;
  let start = 0;
  for (const { 0: tag, index } of xml.matchAll(/<\/?item>/g)) {
    if (tag === "<item>" && depth++ === 0) start = index + tag.length;
    if (tag === "</item>" && --depth === 0) items.push(xml.slice(start, index));
  }
  return items;
}

/** The first element of that name, as text; "" if there is none. */
export const textOf = (xml: string, element: string): string =>
  new RegExp(`<${element}>([^<]*)</${element}>`).exec(xml)?.[1] ?? "";

/** The item with these elements of its own, which replace those that it has. */
export function withElements(
  item: string,
  elements: Readonly<Record<string, string | boolean | undefined>>,
): string {
  return Object.entries(elements).reduce((text, [name, value]) => {
    if (value === undefined) return text;
    const element = renderXml({ [name]: value });
    const own = new RegExp(`<${name}>[^<]*</${name}>|<${name}/>`);
    return own.test(text) ? text.replace(own, () => element) : text + element;
  }, item);
}
