import { PassThrough } from "node:stream";
import { type Static, Type } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import { createLogCopy } from "../../jobs/log-copy.js";
import type { LogMatches, LogWindow } from "../api.js";
import type { RouteDeps } from "../deps.js";
import { searchLog } from "../logs/search.js";
import { readWindow } from "../logs/window.js";
import { findLog } from "./job-place.js";
import { COUNT, JOB_PARAMS } from "./params.js";

const ofAttempt = { attempt: Type.Optional(Type.String({ pattern: "^[1-9]\\d{0,6}$" })) };
const Download = Type.Object(ofAttempt);
/** `from`: that byte and what follows; `before`: what comes before it; neither: the end. */
const Window = Type.Object({ ...ofAttempt, from: Type.Optional(COUNT), before: Type.Optional(COUNT) });
const Search = Type.Object({
  ...ofAttempt,
  text: Type.String({ minLength: 1, maxLength: 200 }),
  from: Type.Optional(COUNT),
});
type Params = Static<typeof JOB_PARAMS>;

/** An attempt's output: a window of it, where it has a text, and all of it as a file. However long it is, no more than a piece is in memory. */
export function addLogRoutes(app: FastifyInstance, deps: RouteDeps): void {
  const { logs } = deps.access;
  const base = "/api/jobs/:uuid/:id/log";
  const place = ({ uuid, id }: Params, { attempt }: Static<typeof Download>) =>
    findLog(deps, uuid, id, attempt === undefined ? null : Number(attempt));

  app.get<{ Params: Params; Querystring: Static<typeof Window> }>(
    base,
    { schema: { params: JOB_PARAMS, querystring: Window } },
    async ({ params, query }): Promise<LogWindow> => {
      const { from, before } = query;
      const wanted =
        from === undefined
          ? { before: before === undefined ? null : Number(before) }
          : { from: Number(from) };
      return readWindow(logs, await place(params, query), wanted);
    },
  );
  app.get<{ Params: Params; Querystring: Static<typeof Search> }>(
    `${base}/search`,
    { schema: { params: JOB_PARAMS, querystring: Search } },
    async ({ params, query }): Promise<LogMatches> => {
      const { prefix } = await place(params, query);
      return searchLog(logs, prefix, query.text, Number(query.from ?? 0));
    },
  );
  app.get<{ Params: Params; Querystring: Static<typeof Download> }>(
    `${base}/download`,
    { schema: { params: JOB_PARAMS, querystring: Download } },
    async ({ params, query }, reply) => {
      const { prefix, log, attempt } = await place(params, query);
      const stdout = new PassThrough();
      const leaving = new AbortController();
      reply.raw.once("close", () => leaving.abort(new Error("the browser has left")));
      const copy = createLogCopy({ logs, prefix, stdout, signal: leaving.signal });
      const written = log === null ? copy.advance() : copy.complete(log);
      // A log that breaks off, or is not what was delivered, breaks the download off. So its length is not said before: the browser would
      // take the last byte for the end, and the proof comes after it.
      written.then(
        () => stdout.end(),
        (error: Error) => stdout.destroy(error),
      );
      return reply
        .type("text/plain; charset=utf-8")
        .header("content-disposition", `attachment; filename="${params.id}-attempt-${attempt}.log"`)
        .send(stdout);
    },
  );
}
