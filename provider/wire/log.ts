import { visibleLine } from "../../agent/contract/visible-text.js";
import type { Log } from "../core/runtime.js";

/** With microseconds, which are zeros: Terraform treats a line with any other precision as plain text. */
const timestamp = (at: Date): string => at.toISOString().replace("Z", "000Z");

/**
 * JSON lines as Terraform's log expects them; `write` gets each with its line end. Terraform prints a message unchanged, and it
 * may quote a job or AWS: invisible characters are replaced by their codes.
 */
export function jsonLog(write: (line: string) => void, now: () => Date): Log {
  const at =
    (level: string) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
      const line = {
        "@level": level,
        "@message": visibleLine(message),
        "@module": "muster",
        "@timestamp": timestamp(now()),
      };
      write(`${JSON.stringify({ ...fields, ...line })}\n`);
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn") };
}
