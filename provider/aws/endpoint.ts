import type { STSClient } from "@aws-sdk/client-sts";

const addresses = new WeakMap<Error, string>();

/** The same client of the SDK, whichever; it remembers of each error where its request went. */
export function naming<C extends { readonly middlewareStack: unknown }>(client: C): C {
  // The stack is alike for every client; only the types of what they are asked differ.
  const stack = client.middlewareStack as STSClient["middlewareStack"];
  stack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        const url = urlOf(args.request);
        if (error instanceof Error && url !== null) addresses.set(error, url);
        throw error;
      }
    },
    { step: "finalizeRequest", name: "musterEndpoint", override: true },
  );
  return client;
}

/** Where the request went that failed with this error, "http://host:port", or what was given as its URL and is none. */
export function endpointOf(error: Error): string | null {
  const { code, input } = error as Error & { readonly code?: string; readonly input?: unknown };
  if (code === "ERR_INVALID_URL") return JSON.stringify(String(input));
  return addresses.get(error) ?? null;
}

/** Without path, query and user: those may hold what nobody else should read. */
function urlOf(request: unknown): string | null {
  const { protocol, hostname, port } = (request ?? {}) as {
    readonly protocol?: string;
    readonly hostname?: string;
    readonly port?: number;
  };
  if (protocol === undefined || hostname === undefined) return null;
  return `${protocol}//${hostname}${port === undefined ? "" : `:${port}`}`;
}
