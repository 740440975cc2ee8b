import type { FastifyInstance, FastifyReply } from "fastify";
import { visibleText } from "../../../agent/contract/visible-text.js";
import { CommandError, EXIT, NoRightsError, NoSuchJobError, TransientError } from "../core/exit.js";
import type { ApiProblem, ProblemCode } from "./api.js";

const STATUS: Readonly<Record<ProblemCode, number>> = {
  invalid: 400,
  "no-session": 401,
  "no-rights": 403,
  "read-only": 403,
  "not-found": 404,
  refused: 409,
  failed: 502,
  busy: 503,
};

/** What an error is for the page. Pure. */
export function problemOf(error: unknown): ApiProblem {
  if (!(error instanceof Error)) return { code: "failed", message: visibleText(String(error)) };
  return { code: codeOf(error), message: visibleText(error.message) };
}

function codeOf(error: Error): ProblemCode {
  if (error instanceof NoSuchJobError) return "not-found";
  if (error instanceof TransientError) return "busy";
  if (error instanceof CommandError) {
    if (error.exitCode === EXIT.unusable) return "invalid";
    if (error.exitCode === EXIT.refused) return "refused";
    return error instanceof NoRightsError ? "no-rights" : "failed";
  }
  const { statusCode } = error as { readonly statusCode?: number };
  return statusCode !== undefined && statusCode < 500 ? "invalid" : "failed";
}

export const sendProblem = (reply: FastifyReply, problem: ApiProblem): FastifyReply =>
  reply.code(STATUS[problem.code]).send(problem);

export function replyProblems(app: FastifyInstance): void {
  app.setErrorHandler((error, _request, reply) => sendProblem(reply, problemOf(error)));
  app.setNotFoundHandler((_request, reply) =>
    sendProblem(reply, { code: "not-found", message: "There is no such page." }),
  );
}
