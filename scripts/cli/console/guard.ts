import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { judgeLocal } from "../forward/loopback.js";
import type { Sessions } from "../forward/sessions.js";
import { codePage, problemPage, SAFE_HEADERS, SCRIPT_PATH, SESSION_PATH, STYLE_PATH } from "./pages.js";
import { sendProblem } from "./problems.js";

export interface Guarding {
  /** Asked for with each request: it is known once the server listens. */
  port(): number;
  readonly sessions: Sessions;
  readonly isReadOnly: boolean;
  /** A browser without a session asks for the page. */
  showCode(): void;
}

/** What is served without a session: it says nothing. */
const OPEN: readonly string[] = [SESSION_PATH, SCRIPT_PATH, STYLE_PATH];
const READS: readonly string[] = ["GET", "HEAD"];
const READ_ONLY =
  "This console only reads: it was started with --read-only. Start `muster console` without it to change something.";
const NO_SESSION = "This browser has no session with the console: open its address again.";

/**
 * One rule for every request, before any route: who asks, from which page, with which session, and whether it may change something. A
 * change is whatever is not GET or HEAD; its body is JSON, which no form of another site can send.
 */
export function guardRequests(app: FastifyInstance, guarding: Guarding): void {
  app.addHook("onRequest", async (request, reply) => {
    reply.headers(SAFE_HEADERS);
    return judge(request, reply, guarding);
  });
}

async function judge(
  request: FastifyRequest,
  reply: FastifyReply,
  { port, sessions, isReadOnly, showCode }: Guarding,
): Promise<FastifyReply | undefined> {
  const { method, url, headers, raw } = request;
  const isUpgrade = headers.upgrade !== undefined;
  const asked = { method, url, rawHeaders: raw.rawHeaders, isUpgrade };
  const local = judgeLocal(asked, port(), SESSION_PATH);
  if (local.is === "refused") return html(reply, local.status, problemPage(local.why));
  if (isUpgrade) return html(reply, 400, problemPage("There is no WebSocket here."));
  if (OPEN.includes(local.path)) return undefined;
  if (!sessions.holds(headers.cookie)) {
    if (local.path !== "/") return sendProblem(reply, { code: "no-session", message: NO_SESSION });
    showCode();
    return html(reply, 200, codePage(null));
  }
  if (READS.includes(method)) return undefined;
  if (isReadOnly) return sendProblem(reply, { code: "read-only", message: READ_ONLY });
  if (!/^application\/json\b/i.test(headers["content-type"] ?? ""))
    return sendProblem(reply, { code: "invalid", message: "A change is sent as application/json." });
  return undefined;
}

export const html = (reply: FastifyReply, status: number, text: string): FastifyReply =>
  reply.code(status).header("content-type", "text/html; charset=utf-8").send(text);
