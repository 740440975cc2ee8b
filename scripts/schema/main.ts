import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { publishedSchema } from "../../stacks/config/schema.js";

// Writes the JSON Schema that editors use for muster.yaml. A unit test fails when it is not up to date.
const file = resolve(import.meta.dirname, "../../stacks/muster.schema.json");
writeFileSync(file, `${JSON.stringify(publishedSchema(), null, 2)}\n`);
console.log(`wrote ${file}`);
