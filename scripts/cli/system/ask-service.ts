import { failure } from "../core/exit.js";

const PATIENCE_MS = 10_000;
const MOST_BYTES = 1_024;

/** See World.askService. */
export async function askService(url: string, signal: AbortSignal): Promise<string> {
  const reply = await fetch(url, {
    redirect: "error",
    signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
  }).catch((error: Error & { cause?: Error }) => {
    signal.throwIfAborted();
    throw failure(
      `${url} does not answer (${error.cause?.message ?? error.message}). Give another service (--service), or write the range into muster.yaml by hand.`,
    );
  });
  if (!reply.ok || reply.body === null) throw failure(`${url} answered HTTP ${reply.status}.`);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of reply.body) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MOST_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, MOST_BYTES).toString("utf8");
}
