import { type IncomingHttpHeaders, request } from "node:http";
import type { ErrorReply } from "../../../../agent/contract/http.js";
import { CommandError, failure, refusal, TransientError, unusable } from "../../core/exit.js";

/** What the agent answered with 2xx. */
interface SocketReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
}

interface Asked {
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** The agent of this notebook's node, at its socket. No credentials: only the notebook's user can open it. */
export interface AgentSocket {
  /** Null: 404. Throws a CommandError with what the agent said; a TransientError where it may pass. */
  ask(path: string, asked?: Asked): Promise<SocketReply | null>;
  /** As ask, of a JSON body. */
  json<T>(path: string, asked?: Asked): Promise<T | null>;
}

const TIMEOUT_MS = 30_000;
/** A page of 200 jobs, or a cluster with 1,000 nodes, is smaller. */
const MOST_BYTES = 33_554_432;

export function openSocket(socketPath: string, signal: AbortSignal): AgentSocket {
  async function ask(path: string, asked: Asked = {}): Promise<SocketReply | null> {
    const reply = await send(path, asked).catch((error: NodeJS.ErrnoException) => {
      signal.throwIfAborted();
      if (error instanceof CommandError) throw error;
      throw new TransientError(
        `This notebook's agent does not answer at ${socketPath} (${error.code ?? error.message}). It starts anew within seconds; if it stays so, look at \`muster notebook show\` from elsewhere.`,
        { cause: error },
      );
    });
    if (reply.status >= 200 && reply.status < 300) return reply;
    if (reply.status === 404) return null;
    throw errorOf(reply);
  }

  function send(path: string, { method = "GET", headers = {}, body }: Asked): Promise<SocketReply> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const type = text === undefined ? {} : { "content-type": "application/json" };
    const length = text === undefined ? {} : { "content-length": `${Buffer.byteLength(text)}` };
    return new Promise((resolve, reject) => {
      const settings = {
        socketPath,
        path,
        method,
        headers: { host: "localhost", ...type, ...length, ...headers },
      };
      const bounds = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
      const call = request({ ...settings, signal: bounds }, (reply) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        reply.on("data", (chunk: Buffer) => {
          chunks.push(chunk);
          bytes += chunk.length;
          if (bytes > MOST_BYTES)
            reply.destroy(failure(`${path} answers with more than ${MOST_BYTES} bytes.`));
        });
        reply.once("error", reject);
        reply.once("end", () =>
          resolve({ status: reply.statusCode ?? 0, headers: reply.headers, bytes: Buffer.concat(chunks) }),
        );
      });
      call.once("error", reject);
      call.end(text);
    });
  }

  return {
    ask,
    async json<T>(path: string, asked?: Asked) {
      const reply = await ask(path, asked);
      return reply === null ? null : (JSON.parse(reply.bytes.toString("utf8")) as T);
    },
  };
}

/** What the agent said, and its next step. */
function errorOf({ status, bytes }: SocketReply): CommandError {
  const said = wordsIn(bytes) ?? `This notebook's agent answers with HTTP ${status}.`;
  if (status >= 500) return new TransientError(said);
  if (status === 400 || status === 413) return unusable([said]);
  return status === 409 || status === 429 ? refusal(said) : failure(said);
}

function wordsIn(bytes: Buffer): string | null {
  try {
    const { error } = JSON.parse(bytes.toString("utf8")) as ErrorReply;
    return `${error.message} ${error.hint}`;
  } catch {
    return null;
  }
}
