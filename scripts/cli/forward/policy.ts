import { NOTEBOOK_BASE_PATH, NOTEBOOK_PORT } from "../../../agent/contract/notebook.js";
import { type Asked, judgeLocal, type Refused, refused } from "./loopback.js";

/** The path that takes codes. */
export const SESSION_PATH = "/muster-session";

/** What a request is for, if it may be. Whether it has a session is another question. */
type Verdict = { readonly is: "start" | "code" | "notebook" } | Refused;

/** Judges a request by itself: see judgeLocal. Pure. */
export function judge(asked: Asked, port: number): Verdict {
  const local = judgeLocal(asked, port, SESSION_PATH);
  if (local.is === "refused") return local;
  const { method, isUpgrade } = asked;
  const { path, headers } = local;
  if (path === SESSION_PATH && method === "POST" && !isUpgrade) return { is: "code" };
  if (path === "/" && !isUpgrade && (method === "GET" || method === "HEAD")) return { is: "start" };
  if (!path.startsWith(NOTEBOOK_BASE_PATH)) return refused(404, "There is no such page.");
  return isUpgrade ? judgeUpgrade(method, headers) : { is: "notebook" };
}

function judgeUpgrade(method: string, headers: ReadonlyMap<string, readonly string[]>): Verdict {
  const [to = ""] = headers.get("upgrade") ?? [];
  if (method !== "GET" || to.toLowerCase() !== "websocket")
    return refused(400, "Only WebSockets are served so.");
  // What followed as a body would be read as the WebSocket's.
  const [length = "0"] = headers.get("content-length") ?? [];
  return length !== "0" || headers.has("transfer-encoding")
    ? refused(400, "A WebSocket's request has no body.")
    : { is: "notebook" };
}

/** Headers that end here: those of one connection, those that say who asks, and what the agent is to believe of no client. */
const KEPT_BACK: readonly string[] = [
  ...["host", "origin", "referer", "cookie", "authorization", "expect", "forwarded", "via", "x-real-ip"],
  ...["connection", "keep-alive", "proxy-connection", "proxy-authorization", "te", "trailer", "upgrade"],
];

/** The headers that go on to the agent, which sees a client of its own. Pure. */
export function headersOnward(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  {
    address,
    token,
    isUpgrade,
  }: { readonly address: string; readonly token: string; readonly isUpgrade: boolean },
): Record<string, string | string[]> {
  const own = `${address}:${NOTEBOOK_PORT}`;
  const kept = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined || KEPT_BACK.includes(name) || name.startsWith("x-forwarded-")
      ? []
      : [[name, value] as const],
  );
  return {
    ...Object.fromEntries(kept),
    host: own,
    ...(headers["origin"] === undefined ? {} : { origin: `https://${own}` }),
    authorization: `Bearer ${token}`,
    ...(isUpgrade ? { connection: "Upgrade", upgrade: "websocket" } : {}),
  };
}
