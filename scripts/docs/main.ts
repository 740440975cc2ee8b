import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { developersCommand, runToEnd } from "../system/command-line.js";
import { GENERATED, generatedPages } from "./files.js";

async function writePages(): Promise<void> {
  const root = resolve(import.meta.dirname, "../..");
  const folder = join(root, "docs");
  const pages = await generatedPages(root);
  for (const name of GENERATED) await rm(join(folder, name), { recursive: true, force: true });
  for (const { path, content } of pages) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  console.log(`wrote ${pages.length} pages to ${folder}`);
}

runToEnd(
  developersCommand(
    "npm run docs",
    "Writes the provider's pages in the layout of Terraform's registry, and those of the lists of codes; what else is in docs/ stays. A unit test fails while they are not up to date.",
  ).action(writePages),
);
