import type { Log } from "../core/runtime.js";

/** JSON lines as Terraform's log expects them; `write` gets each with its line end. */
export function jsonLog(write: (line: string) => void, now: () => Date): Log {
  const at =
    (level: string) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
      const line = {
        "@level": level,
        "@message": message,
        "@module": "muster",
        "@timestamp": now().toISOString(),
      };
      write(`${JSON.stringify({ ...fields, ...line })}\n`);
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn") };
}
