import { request } from "node:http";
import type { ServedConsole } from "./console.js";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  json<T>(): T;
}

export interface Question {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** One request, with just these headers. */
export function ask({ port }: ServedConsole, path: string, question: Question = {}): Promise<Answer> {
  const { method = "GET", headers = {}, body } = question;
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: "127.0.0.1", port, path, method, headers: { host: `127.0.0.1:${port}`, ...headers } },
      (reply) => {
        const pieces: Buffer[] = [];
        reply.on("data", (piece: Buffer) => pieces.push(piece));
        reply.on("error", reject);
        reply.on("end", () => {
          const text = Buffer.concat(pieces).toString("utf8");
          resolve({
            ...{ status: reply.statusCode ?? 0, headers: reply.headers, text },
            json: <T>() => JSON.parse(text) as T,
          });
        });
      },
    );
    sent.on("error", reject);
    sent.on("upgrade", (_reply, socket) => {
      socket.destroy();
      reject(new Error("it was upgraded"));
    });
    sent.end(body);
  });
}

const FORM = "application/x-www-form-urlencoded";

/** Posts a code, as the page that asks for it does. */
export const sendCode = (
  served: ServedConsole,
  code: string,
  headers: Question["headers"] = {},
): Promise<Answer> =>
  ask(served, "/session", {
    method: "POST",
    headers: { "content-type": FORM, origin: `http://127.0.0.1:${served.port}`, ...headers },
    body: `code=${encodeURIComponent(code)}`,
  });

/** A browser with a session: what it asks and sends. */
export async function session(served: ServedConsole) {
  const [cookie = ""] = (await sendCode(served, served.newCode())).headers["set-cookie"] ?? [];
  const headers = { cookie: cookie.split(";")[0] ?? "" };
  const own = { ...headers, origin: `http://127.0.0.1:${served.port}`, "content-type": "application/json" };
  return {
    headers,
    get: (path: string) => ask(served, path, { headers }),
    post: (path: string, body: unknown = {}, more: Question["headers"] = {}) =>
      ask(served, path, { method: "POST", headers: { ...own, ...more }, body: JSON.stringify(body) }),
  };
}
