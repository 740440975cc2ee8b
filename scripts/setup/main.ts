import { resolve } from "node:path";
import { setUp } from "./set-up.js";

// `node --import tsx scripts/setup/main.ts`: the set-up alone; prints the environment for other programs as JSON.
const say = (line: string): void => console.error(`set-up: ${line}`);
setUp({ projectRoot: resolve(import.meta.dirname, "../.."), say })
  .then(({ env }) => console.log(JSON.stringify(env, null, 2)))
  .catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
