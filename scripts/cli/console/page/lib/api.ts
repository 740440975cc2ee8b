import type { ApiProblem } from "../../api.js";

/** An answer that is no success. */
class ProblemError extends Error {
  readonly problem: ApiProblem;

  constructor(problem: ApiProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

const AWAY: ApiProblem = {
  code: "busy",
  message: "The console does not answer. Does `muster console` still run in its terminal?",
};

async function call<T>(path: string, init: RequestInit): Promise<T> {
  const reply = await fetch(path, { ...init, redirect: "error" }).catch(() => null);
  if (reply === null) throw new ProblemError(AWAY);
  const body: unknown = await reply.json().catch(() => null);
  if (reply.ok) return body as T;
  throw new ProblemError(isProblem(body) ? body : { code: "failed", message: `HTTP ${reply.status}` });
}

const isProblem = (body: unknown): body is ApiProblem =>
  typeof body === "object" && body !== null && "code" in body && "message" in body;

/** `signal` ends a question that is of no use any more: a browser has few connections. */
export const get = <T>(path: string, signal: AbortSignal | null = null): Promise<T> =>
  call<T>(path, { method: "GET", signal });
export const post = <T>(path: string, body: unknown = {}): Promise<T> =>
  call<T>(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });

/** A path with a query; what is null is left out. */
export function withQuery(path: string, query: Readonly<Record<string, string | number | null>>): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === null || value === "" ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}

export const problemIn = (error: unknown): ApiProblem =>
  error instanceof ProblemError ? error.problem : { code: "failed", message: String(error) };
