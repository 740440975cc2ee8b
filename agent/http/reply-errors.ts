import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { ErrorReply } from "../contract/http.js";
import { listProblems } from "../contract/problems.js";
import { AgentError, reasonOf } from "../errors.js";

/** A reply stays below 64 KB for any request, even after JSON's escapes. */
const MESSAGE_CHARACTERS = 10_000;

/** Every error is sent as `{error: {code, message, hint}}`. An error without a code is logged, and sent as `internal`. */
export function replyErrors(app: FastifyInstance): void {
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const coded = asAgentError(error);
    if (coded.status >= 500) request.log.error({ err: error }, reasonOf(error));
    if (coded.status === 401) void reply.header("www-authenticate", "Bearer");
    return reply.code(coded.status).send(bodyOf(coded));
  });
  app.setNotFoundHandler((request) => {
    throw new AgentError("not-found", `${request.method} ${request.url.split("?")[0]}`);
  });
}

/** A request that the framework refuses before any hook, such as one with an invalid path. Shows nothing of it. */
export function replyFrameworkError(
  error: FastifyError,
  _request: FastifyRequest,
  reply: FastifyReply,
): void {
  const coded = new AgentError("request-invalid", `its path or headers (${error.code})`, error);
  void reply.code(coded.status).send(bodyOf(coded));
}

function bodyOf({ code, message, hint }: AgentError): ErrorReply {
  const isLong = message.length > MESSAGE_CHARACTERS;
  return {
    error: { code, message: isLong ? `${message.slice(0, MESSAGE_CHARACTERS)}...` : message, hint },
  };
}

function asAgentError(error: FastifyError): AgentError {
  if (error instanceof AgentError) return error;
  if (error.validation) {
    const problems = error.validation.map(
      ({ instancePath, message }) =>
        `${error.validationContext}${instancePath.replaceAll("/", ".")} ${message}`,
    );
    return new AgentError("request-invalid", listProblems(problems).join("; "), error);
  }
  if (error.statusCode === 413) return new AgentError("body-too-large", error.message, error);
  if (error.statusCode !== undefined && error.statusCode < 500)
    return new AgentError("request-invalid", error.message, error);
  if (isFromAws(error)) return new AgentError("registry-unavailable", error.name, error);
  return new AgentError("internal", "", error);
}

/** The SDK marks its errors so; a request that never got an answer has a name like TimeoutError. */
function isFromAws(error: Error): boolean {
  return "$metadata" in error || error.name === "TimeoutError" || error.name === "CredentialsProviderError";
}
