import { resolve } from "node:path";
import { developersCommand, runToEnd } from "../system/command-line.js";
import { setUp } from "./set-up.js";

runToEnd(
  developersCommand(
    "node --import tsx scripts/setup/main.ts",
    "The set-up alone: prints, as JSON, the environment that other programs need.",
  ).action(async () => {
    const say = (line: string): void => console.error(`set-up: ${line}`);
    const { env } = await setUp({ projectRoot: resolve(import.meta.dirname, "../.."), say });
    console.log(JSON.stringify(env, null, 2));
  }),
);
