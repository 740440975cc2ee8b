import { resolve } from "node:path";
import { endWith } from "../system/command-line.js";
import { setUp } from "./set-up.js";

// `node --import tsx scripts/setup/main.ts`: the set-up alone; prints the environment for other programs as JSON.
const say = (line: string): void => console.error(`set-up: ${line}`);
endWith(async () => {
  const { env } = await setUp({ projectRoot: resolve(import.meta.dirname, "../.."), say });
  console.log(JSON.stringify(env, null, 2));
  return 0;
});
