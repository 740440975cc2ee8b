import { applyPatch, structuredPatch } from "diff";
import { type Document, isMap, isSeq, parse, parseDocument, type YAMLMap, type YAMLSeq } from "yaml";
import type { Change, Declared } from "../api.js";

/** The file's text with the change, or why it can't be made. */
export type Edited = { readonly text: string } | { readonly problem: string };

/** Makes one change in the text of a muster.yaml. What the change is not about stays: comments, order, anchors, quotes. Pure. */
export function editConfig(text: string, change: Change): Edited {
  const read = () => parseDocument(text, { merge: true, logLevel: "silent" });
  const document = read();
  const [error] = document.errors;
  if (error !== undefined) return { problem: `muster.yaml is not YAML: ${error.message}` };
  const problem = apply(document, change);
  if (problem !== null) return { problem };
  // Long texts keep their lines; lists are indented as they were.
  const style = { lineWidth: 0, indentSeq: isIndented(text), flowCollectionPadding: isPadded(text) };
  return { text: onto(text, read().toString(style), document.toString(style)) };
}

/**
 * The library writes some comments in other places than they were: so what it would write anyway (`plain`) is compared with what it
 * writes after the change (`changed`), and only the difference goes onto the file's own text, where that means the same.
 */
function onto(text: string, plain: string, changed: string): string {
  if (plain === text) return changed;
  const patch = structuredPatch("a", "b", plain, changed, undefined, undefined, { context: 3 });
  const patched = applyPatch(text, patch, { fuzzFactor: 3 });
  return patched !== false && meaning(patched) === meaning(changed) ? patched : changed;
}

function meaning(text: string): string | null {
  try {
    return JSON.stringify(parse(text, { merge: true, logLevel: "silent" }));
  } catch {
    return null;
  }
}

/** Null: it is made. */
function apply(document: Document, change: Change): string | null {
  if (change.kind === "add-cluster") return addTo(document, ["clusters"], change.cluster);
  const name = "cluster" in change ? change.cluster : change.name;
  const index = indexOf(document.get("clusters"), name);
  if (index < 0) return `muster.yaml declares no cluster ${name}`;
  const path = ["clusters", index] as const;
  switch (change.kind) {
    case "set-cluster":
      return setIn(document, path, change.values);
    case "remove-cluster":
      return removeFrom(document, ["clusters"], change.name);
    case "add-notebook":
      return addTo(document, [...path, "notebooks"], change.notebook);
    case "remove-notebook":
      return removeFrom(document, [...path, "notebooks"], change.name);
    case "add-definition":
      return addTo(document, [...path, "jobDefinitions"], change.definition);
    case "remove-definition":
      return removeFrom(document, [...path, "jobDefinitions"], change.name);
  }
}

type Path = readonly (string | number)[];

/** At the end of a list, which is made where it is not there. */
function addTo(document: Document, path: Path, entry: Declared): string | null {
  const { name } = entry;
  if (typeof name !== "string" || name === "") return "a name is missing";
  const list = document.getIn(path);
  if (list !== undefined && list !== null && !isSeq(list)) return `${path.join(".")} is no list`;
  if (indexOf(list, name) >= 0) return `there is a ${name} already`;
  const node = document.createNode(withoutNulls(entry));
  if (!isSeq(list)) {
    document.setIn(path, document.createNode([]));
    (document.getIn(path) as YAMLSeq).flow = false;
  } else if (list.items.length === 0) list.flow = false;
  (document.getIn(path) as YAMLSeq).add(node);
  return null;
}

function removeFrom(document: Document, path: Path, name: string): string | null {
  const list = document.getIn(path);
  const index = indexOf(list, name);
  if (index < 0 || !isSeq(list)) return `muster.yaml declares no ${name} there`;
  list.items.splice(index, 1);
  // A list without entries would be written as [], with the comments before it.
  if (list.items.length === 0 && path.length > 1) document.deleteIn(path);
  return null;
}

function setIn(document: Document, path: Path, values: Declared): string | null {
  for (const [key, value] of Object.entries(values)) {
    if (value === null) document.deleteIn([...path, key]);
    else {
      const known = (document.getIn(path) as YAMLMap).get(key, true);
      // A scalar keeps its comment where only its value changes.
      if (known !== undefined && "value" in (known as object) && typeof value !== "object")
        (known as { value: unknown }).value = value;
      else document.setIn([...path, key], document.createNode(value));
    }
  }
  return null;
}

/** The place of the entry with that name; -1: there is none, or no list. */
function indexOf(list: unknown, name: string): number {
  if (!isSeq(list)) return -1;
  return list.items.findIndex((item) => isMap(item) && item.get("name") === name);
}

const withoutNulls = (entry: Declared): Declared =>
  Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== null && value !== undefined));

/** Whether the lists of a text stand further in than what they are of. */
const isIndented = (text: string): boolean => !/^( *)[\w-]+:[^\n]*\n(?:\s*(?:#[^\n]*)?\n)*\1- /m.test(text);
/** Whether there are blanks in its brackets. */
const isPadded = (text: string): boolean => !/[[{][^\s\]}#]/.test(text.replace(/^\s*#.*$/gm, ""));
