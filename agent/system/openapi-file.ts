import { readFile } from "node:fs/promises";
import { unlessMissing } from "./unless-missing.js";

/** The API's OpenAPI document, which an image has beside the agent; null: it has none. */
export const readOpenApiDocument = (): Promise<Buffer | null> =>
  readFile("/usr/lib/muster/openapi.json").catch(unlessMissing);
