import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { publishedSchema } from "../../stacks/config/schema.js";
import { developersCommand, runToEnd } from "../system/command-line.js";

runToEnd(
  developersCommand(
    "npm run schema",
    "Writes the JSON Schema that editors use for muster.yaml. A unit test fails while it is not up to date.",
  ).action(() => {
    const file = resolve(import.meta.dirname, "../../stacks/muster.schema.json");
    writeFileSync(file, `${JSON.stringify(publishedSchema(), null, 2)}\n`);
    console.log(`wrote ${file}`);
  }),
);
