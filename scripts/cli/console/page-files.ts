import { gunzipSync } from "node:zlib";
import type { PageFiles } from "./deps.js";

/** What the build puts in its place: the page's files as JSON, packed, in base64. */
declare const MUSTER_CONSOLE_PAGE: string | undefined;

/** Unpacked at its first use: no other command pays for it. From sources that were not built, there is only a hint. */
export async function readPage(): Promise<PageFiles> {
  if (typeof MUSTER_CONSOLE_PAGE !== "string")
    return { script: 'document.getElementById("app").textContent = "Build it: npm run build";', style: "" };
  return JSON.parse(gunzipSync(Buffer.from(MUSTER_CONSOLE_PAGE, "base64")).toString("utf8")) as PageFiles;
}
