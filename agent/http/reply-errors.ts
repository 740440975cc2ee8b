import type { FastifyError, FastifyInstance } from "fastify";
import type { ErrorReply } from "../contract/http.js";
import { AgentError, reasonOf } from "../errors.js";

/** Every error leaves as `{error: {code, message, hint}}`. What is not a coded error is logged, and told as `internal`. */
export function replyErrors(app: FastifyInstance): void {
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const coded = asAgentError(error);
    if (coded.status >= 500) request.log.error({ err: error }, reasonOf(error));
    if (coded.status === 401) void reply.header("www-authenticate", "Bearer");
    return reply.code(coded.status).send(bodyOf(coded));
  });
  app.setNotFoundHandler((request) => {
    throw new AgentError("not_found", `${request.method} ${request.url.split("?")[0]}`);
  });
}

function bodyOf({ code, message, hint }: AgentError): ErrorReply {
  return { error: { code, message, hint } };
}

function asAgentError(error: FastifyError): AgentError {
  if (error instanceof AgentError) return error;
  if (error.validation) {
    const problems = error.validation.map(
      ({ instancePath, message }) =>
        `${error.validationContext}${instancePath.replaceAll("/", ".")} ${message}`,
    );
    return new AgentError("request_invalid", problems.join("; "), error);
  }
  if (error.statusCode === 413) return new AgentError("body_too_large", error.message, error);
  if (error.statusCode !== undefined && error.statusCode < 500)
    return new AgentError("request_invalid", error.message, error);
  if (isAwsError(error)) return new AgentError("registry_unavailable", error.name, error);
  return new AgentError("internal", "", error);
}

/** The SDK marks its errors so; a request that never got an answer has a name like TimeoutError. */
function isAwsError(error: Error): boolean {
  return "$metadata" in error || error.name === "TimeoutError" || error.name === "CredentialsProviderError";
}
