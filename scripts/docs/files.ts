import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { MusterClient } from "../../provider/client/ports.js";
import type { AnyProvider } from "../../provider/core/provider.js";
import { musterProvider } from "../../provider/provider.js";
import { agentApiDocument } from "./agent-api/document.js";
import { CODE_LISTS } from "./code-lists.js";
import { renderCodePage } from "./code-pages.js";
import { commandDocumentsPage } from "./command-documents.js";
import { type Page, renderPages } from "./pages.js";
import { permissionsPage } from "./permissions-page.js";

/** What below docs/ is generated, as a whole. Everything else there is written by hand, and stays. */
export const GENERATED = ["index.md", "resources", "data-sources", "ephemeral-resources", "reference"];

/**
 * Every generated page, as the provider, its examples, the lists of codes and the agent's routes are now; paths are below docs/.
 * Throws for missing examples.
 */
export async function generatedPages(root: string): Promise<readonly Page[]> {
  const readExample = (path: string): string | null => {
    try {
      return readFileSync(join(root, "examples/provider", path), "utf8");
    } catch {
      return null; // not there: the pages say which
    }
  };
  const provider = musterProvider({}) as AnyProvider<MusterClient>;
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  return [
    ...renderPages(provider, readExample),
    ...CODE_LISTS.map(renderCodePage),
    permissionsPage(),
    commandDocumentsPage(),
    {
      path: "reference/openapi.json",
      content: `${JSON.stringify(await agentApiDocument(version), null, 2)}\n`,
    },
  ];
}
