import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { developersCommand, runToEnd } from "../system/command-line.js";
import { HAND_WRITTEN, providerPages } from "./files.js";

async function writePages(): Promise<void> {
  const { folder, pages } = providerPages(resolve(import.meta.dirname, "../.."));
  for (const name of await readdir(folder).catch(() => [])) {
    if (name !== HAND_WRITTEN) await rm(join(folder, name), { recursive: true });
  }
  for (const { path, content } of pages) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  console.log(`wrote ${pages.length} pages to ${folder}`);
}

runToEnd(
  developersCommand(
    "npm run docs",
    "Writes the provider's pages in the layout of Terraform's registry; the guides stay. A unit test fails while they are not up to date.",
  ).action(writePages),
);
