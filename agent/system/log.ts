import { destination, type Logger, multistream, pino, stdTimeFunctions } from "pino";

/**
 * JSON lines on standard output, which systemd takes into its journal, and to `also`. Fields named authorization, token or secret are
 * redacted.
 */
export function createLog(version: string, also: { write(line: string): void }): Logger {
  const options = {
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
  };
  return pino(options, multistream([{ stream: destination({ fd: 1, sync: true }) }, { stream: also }]));
}
