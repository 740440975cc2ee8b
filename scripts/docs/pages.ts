import type { AnyProvider } from "../../provider/core/provider.js";
import type { Schema } from "../../provider/core/types.js";
import { renderSchema } from "./schema-section.js";

/** A page below docs/, where the registry expects it. */
export interface Page {
  readonly path: string;
  readonly content: string;
}

/** The text of a file below examples/provider/, or null. */
export type ReadExample = (path: string) => string | null;

interface Subject {
  readonly folder: string;
  readonly kind: string;
  readonly typeName: string;
  readonly schema: Schema;
  readonly isImportable: boolean;
}

/** The parts of a page that are written by hand. */
interface HandWritten {
  readonly usage: string;
  readonly imported: string | null;
  readonly notes: string | null;
}

/**
 * Every page of the provider: its own, and one for each resource, data source and ephemeral resource. Each shows an example
 * from examples/provider/, an import where there is one, and notes where there are some. Throws with the list of the
 * examples that are missing.
 */
export function renderPages<Client>(
  provider: AnyProvider<Client>,
  readExample: ReadExample,
): readonly Page[] {
  const missing: string[] = [];
  const example = (path: string): string => {
    const text = readExample(path);
    if (text === null) missing.push(`examples/provider/${path}`);
    return text?.trim() ?? "";
  };
  const notesOn = (name: string): string | null => readExample(`${name}.notes.md`)?.trim() ?? null;
  const pages = [renderIndex(provider.schema, example("provider.tf"), notesOn("provider"))];
  for (const subject of subjectsOf(provider)) {
    const { folder, typeName, isImportable } = subject;
    const usage = example(`${folder}/${typeName}.tf`);
    const imported = isImportable ? example(`${folder}/${typeName}.import.sh`) : null;
    pages.push(renderPage(subject, { usage, imported, notes: notesOn(`${folder}/${typeName}`) }));
  }
  if (missing.length > 0) throw new Error(`Missing, each to be written by hand: ${missing.join(", ")}`);
  return pages;
}

function subjectsOf<Client>({ resources, dataSources, ephemerals }: AnyProvider<Client>): readonly Subject[] {
  const all = (
    folder: string,
    kind: string,
    offered: Readonly<Record<string, { readonly schema: Schema; readonly import?: unknown }>>,
  ): readonly Subject[] =>
    Object.entries(offered).map(([typeName, it]) => {
      return { folder, kind, typeName, schema: it.schema, isImportable: it.import !== undefined };
    });
  return [
    ...all("resources", "Resource", resources),
    ...all("data-sources", "Data Source", dataSources),
    ...all("ephemeral-resources", "Ephemeral Resource", ephemerals),
  ];
}

function renderIndex(schema: Schema, usage: string, notes: string | null): Page {
  const body = [
    front("Provider: Muster", schema.description),
    "# Muster Provider",
    schema.description,
    fenced("terraform", usage, "## Example Usage"),
    renderSchema(schema),
    ...(notes === null ? [] : [notes]),
  ];
  return { path: "index.md", content: `${body.join("\n\n")}\n` };
}

function renderPage(
  { folder, kind, typeName, schema }: Subject,
  { usage, imported, notes }: HandWritten,
): Page {
  const body = [
    front(`${typeName} ${kind} - Muster`, schema.description),
    `# ${typeName} (${kind})`,
    schema.description,
    fenced("terraform", usage, "## Example Usage"),
    renderSchema(schema),
    ...(notes === null ? [] : [notes]),
    ...(imported === null ? [] : [fenced("shell", imported, "## Import")]),
  ];
  return { path: `${folder}/${typeName.replace(/^muster_/, "")}.md`, content: `${body.join("\n\n")}\n` };
}

const front = (title: string, description: string): string =>
  `---\npage_title: ${JSON.stringify(title)}\nsubcategory: ""\ndescription: ${JSON.stringify(description)}\n---`;
const fenced = (language: string, code: string, heading: string): string =>
  `${heading}\n\n\`\`\`${language}\n${code}\n\`\`\``;
