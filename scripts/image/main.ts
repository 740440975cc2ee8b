import { resolve } from "node:path";
import { developersCommand, runToEnd } from "../system/command-line.js";
import { buildImage } from "./build.js";

runToEnd(
  developersCommand(
    "node --import tsx scripts/image/main.ts",
    "Builds the node image into the cache, or finds it there; prints its path. Needs Linux and root.",
  ).action(async () => {
    const image = await buildImage(resolve(import.meta.dirname, "../.."), (line) => console.error(line));
    console.log(image.squashfs);
  }),
);
