import { resolve } from "node:path";
import { endWith } from "../system/command-line.js";
import { buildImage } from "./build.js";

// `node --import tsx scripts/image/main.ts`: builds the node image into the cache, or finds it there.
endWith(async () => {
  const image = await buildImage(resolve(import.meta.dirname, "../.."), console.log);
  console.log(image.squashfs);
  return 0;
});
