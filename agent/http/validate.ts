import type { TSchema } from "@sinclair/typebox";
import type { FastifySchemaCompiler } from "fastify";
import { listProblems, schemaProblems } from "../contract/problems.js";
import { AgentError } from "../errors.js";

/**
 * Checks headers, parameters and bodies by their schemas, without converting any value. It finds problems one by one, and no more than
 * it reports, so it needs the same memory for one wrong item and for half a million.
 */
export const boundedValidator: FastifySchemaCompiler<TSchema> =
  ({ schema, httpPart = "request" }) =>
  (value: unknown) => {
    const problems = listProblems(schemaProblems(schema, value, httpPart, true));
    return problems.length === 0 ? true : { error: new AgentError("request-invalid", problems.join("; ")) };
  };
