import { SerializerSelector } from "@fastify/fast-json-stringify-compiler";
import type { TSchema } from "@sinclair/typebox";
import type { FastifySchemaCompiler, FastifyServerOptions } from "fastify";
import { choiceProblems, listProblems, schemaProblems } from "../contract/problems.js";
import { AgentError } from "../errors.js";

/**
 * Checks headers, parameters and bodies by their schemas, without converting any value. It finds problems one by one, and no more than
 * it reports, so it needs the same memory for one wrong item and for half a million.
 */
export const boundedValidator: FastifySchemaCompiler<TSchema> =
  ({ schema, httpPart = "request" }) =>
  (value: unknown) => {
    const problems = [
      ...listProblems(schemaProblems(schema, value, httpPart, true)),
      ...[...choiceProblems(schema, value)].map((problem) => `${httpPart}.${problem}`),
    ];
    return problems.length === 0 ? true : { error: new AgentError("request-invalid", problems.join("; ")) };
  };

type SchemaController = NonNullable<FastifyServerOptions["schemaController"]>;
type Compilers = NonNullable<SchemaController["compilersFactory"]>;

/** Each reply's serializer is compiled at its first use: most agents never send most replies, and to compile all took a tenth of the start. */
const lazySerializer: Compilers["buildSerializer"] = (schemas, options) => {
  const compile = SerializerSelector()(schemas, options);
  return (route) => {
    let serialize: ReturnType<typeof compile> | null = null;
    return (value: unknown) => {
      serialize ??= compile(route);
      return serialize(value);
    };
  };
};

/** Fastify's own types know AJV's compilers only. */
const buildValidator = (() => boundedValidator) as unknown as NonNullable<Compilers["buildValidator"]>;

/**
 * For every app of the agent: requests are checked by boundedValidator, and replies have what their schema says. Without it each app
 * would load a compiler of its own.
 */
export const schemaController: SchemaController = {
  compilersFactory: { buildValidator, buildSerializer: lazySerializer },
};
