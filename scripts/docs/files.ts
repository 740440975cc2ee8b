import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { MusterClient } from "../../provider/client/ports.js";
import type { AnyProvider } from "../../provider/core/provider.js";
import { musterProvider } from "../../provider/provider.js";
import { type Page, renderPages } from "./pages.js";

/** The folder below docs/ that is not generated. */
export const HAND_WRITTEN = "guides";

/** The pages as the provider and its examples are now, and the folder that they belong in. Throws for missing examples. */
export function providerPages(root: string): { readonly folder: string; readonly pages: readonly Page[] } {
  const readExample = (path: string): string | null => {
    try {
      return readFileSync(join(root, "examples/provider", path), "utf8");
    } catch {
      return null; // not there: the pages say which
    }
  };
  const provider = musterProvider({}) as AnyProvider<MusterClient>;
  return { folder: join(root, "docs"), pages: renderPages(provider, readExample) };
}
