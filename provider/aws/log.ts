import type { Log } from "../core/runtime.js";

/** The part of the SDK's log entry that is written. Input and output may contain secrets, so they are ignored. */
interface SdkEntry {
  readonly clientName?: string;
  readonly commandName?: string;
  readonly error?: { readonly name?: string };
  readonly metadata?: {
    readonly requestId?: string;
    readonly httpStatusCode?: number;
    readonly attempts?: number;
  };
}

/** The `logger` of an SDK client: a debug line for each call, with AWS's request id, without input and output. */
export function sdkLogger(log: Log) {
  const call =
    (message: string) =>
    ({ clientName, commandName, error, metadata }: SdkEntry): void =>
      log.debug(message, {
        client: clientName,
        command: commandName,
        request_id: metadata?.requestId,
        status: metadata?.httpStatusCode,
        attempts: metadata?.attempts,
        ...(error === undefined ? {} : { error: error.name }),
      });
  return {
    debug: () => undefined,
    info: call("AWS call"),
    warn: (text: unknown) => log.warn(`AWS SDK: ${typeof text === "string" ? text : "a warning"}`),
    error: call("AWS call failed"),
  };
}
