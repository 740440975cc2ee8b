import { type Logger, pino, stdTimeFunctions } from "pino";

/** JSON lines on standard output, which systemd takes into its journal. Fields named authorization or token are redacted. */
export function createLog(version: string): Logger {
  return pino({
    base: { version },
    timestamp: stdTimeFunctions.isoTime,
    redact: {
      paths: [
        "authorization",
        "*.authorization",
        "*.headers.authorization",
        "token",
        "*.token",
        "secret",
        "*.secret",
      ],
      censor: "[redacted]",
    },
  });
}
