import { credentials } from "../../../agent/aws/table.js";
import type { Opening } from "../core/ports.js";
import { type CallContext, type Explain, runAwsCall } from "./aws-call.js";
import { roleCredentials } from "./role.js";

/** The part of an SDK client that shows where its requests go. */
interface Watchable {
  readonly middlewareStack: { add(middleware: never, options: never): void };
}

type Environment = Readonly<Record<string, string | undefined>>;
type RunCall = <T>(doing: string, run: () => Promise<T>, explain?: Explain) => Promise<T>;

/** What every client of the SDK is made with. Endpoint and retry mode come from the environment, and so do the credentials, or those that assume the role. */
export const clientSettings = (
  { region, signal, role = null }: Pick<Opening, "region" | "signal" | "role">,
  version: string,
) => ({
  region,
  credentials: role === null ? credentials : roleCredentials({ region, signal, role }, version),
  customUserAgent: [["muster-cli", version] as [string, string]],
  requestHandler: { connectionTimeout: 5_000, requestTimeout: 30_000, throwOnRequestTimeout: true },
});

/** Runs calls of one client; their errors are worded for a person, with the endpoint. */
export function callsOf(
  client: Watchable,
  service: string,
  { region, signal }: Pick<Opening, "region" | "signal">,
  env: Environment,
): RunCall {
  const endpoint = watchEndpoint(client);
  const context: CallContext = { region, env, signal, service, endpoint };
  return (doing, run, explain) => runAwsCall(context, doing, run, explain);
}

interface Request {
  readonly protocol?: string;
  readonly hostname?: string;
  readonly port?: number;
}

/** Where the client's last request went, however the endpoint was set. */
function watchEndpoint({ middlewareStack }: Watchable): () => string | null {
  let last: string | null = null;
  const watch = (next: (args: { request: Request }) => unknown) => (args: { request: Request }) => {
    const { protocol = "https:", hostname = "", port } = args.request;
    last = `${protocol}//${hostname}${port === undefined ? "" : `:${port}`}`;
    return next(args);
  };
  middlewareStack.add(watch as never, { step: "finalizeRequest", name: "musterEndpoint" } as never);
  return () => last;
}
