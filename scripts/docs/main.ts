import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { endWith } from "../system/command-line.js";
import { providerPages } from "./files.js";

// Writes the provider's pages in the layout of Terraform's registry. A unit test fails when they are not up to date.
endWith(async () => {
  const { folder, pages } = providerPages(resolve(import.meta.dirname, "../.."));
  await rm(folder, { recursive: true, force: true });
  for (const { path, content } of pages) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  console.log(`wrote ${pages.length} pages to ${folder}`);
  return 0;
});
