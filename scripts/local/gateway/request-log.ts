import type { RequestRecord } from "./server.js";

/** One line, or two: failures of the emulator are marked with `!!` and quoted. */
export function renderRequest(record: RequestRecord, at: Date): string {
  const { operation, status, ms, injected, errorStart } = record;
  const isBroken = status >= 500 && !injected;
  const mark = isBroken ? "!!" : "  ";
  const note = injected ? " (injected)" : "";
  const line = `${at.toISOString()} ${mark} ${status} ${operation.service}.${operation.action} ${ms} ms${note}\n`;
  return isBroken ? `${line}    ${errorStart.replace(/\s+/g, " ").trim()}\n` : line;
}
