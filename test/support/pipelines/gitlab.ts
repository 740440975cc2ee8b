import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** GitLab's API of a merge request's notes, in memory. */
export interface FakeGitlab {
  readonly url: string;
  readonly notes: { readonly id: number; body: string }[];
  /** The tokens and methods of the calls. */
  readonly calls: { readonly method: string; readonly token: string }[];
  stop(): Promise<void>;
}

export async function startFakeGitlab(): Promise<FakeGitlab> {
  const notes: FakeGitlab["notes"] = [{ id: 1, body: "a person's" }];
  const calls: FakeGitlab["calls"] = [];
  const server = createServer((request, reply) => {
    void (async () => {
      const { method = "", url = "", headers } = request;
      calls.push({ method, token: String(headers["private-token"]) });
      const body = new URLSearchParams(await text(request)).get("body") ?? "";
      const id = Number(/\/projects\/7\/merge_requests\/3\/notes\/(\d+)$/.exec(url)?.[1]);
      if (method === "POST") notes.push({ id: notes.length + 1, body });
      for (const note of notes) if (method === "PUT" && note.id === id) note.body = body;
      reply.end(JSON.stringify(notes));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v4`,
    ...{ notes, calls },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
