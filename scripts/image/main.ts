import { buildImage } from "./build.js";

// `node --import tsx scripts/image/main.ts`: builds the node image into the cache, or finds it there.
buildImage(import.meta.dirname, console.log)
  .then((image) => console.log(image.squashfs))
  .catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
