import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { WebSocket } from "ws";
import { boundedText } from "../contract/bounded-text.js";
import { WaitTimeoutError } from "../contract/wait.js";
import type { JupyterApi } from "../notebook/ports.js";
import { openRequest } from "./http-text.js";

export interface JupyterApiOptions {
  /** Below which its API is, with a slash at its end: "http://127.0.0.1:8888/notebook/". */
  readonly base: string;
  /** Null: it has not been started yet. */
  token(): string | null;
}

const TIMEOUT_MS = 5_000;
/** Its kernel may start slowly where the machine is busy, or its home is slow. */
const KERNEL_TIMEOUT_MS = 60_000;
/** Some thousands of kernels. What answers there is the notebook's user. */
const MAX_BYTES = 1_048_576;
const KERNEL_NAME = "python3";
/** What the tried kernel computes, and its result as text. */
const SUM = { code: "6 * 7", result: "42" } as const;

const Moment = Type.String({ maxLength: 40 });
const Kernels = Type.Array(
  Type.Object({ id: Type.String(), execution_state: Type.String(), last_activity: Moment }),
);
const Terminals = Type.Array(Type.Object({ name: Type.String(), last_activity: Moment }));
const NewKernel = Type.Object({ id: Type.String({ pattern: "^[0-9a-f-]{36}$" }) });
const Status = Type.Object({ kernels: Type.Integer() });

/** JupyterLab's API as the agent asks it: always with `no_track_activity`, so that what it asks keeps nothing awake. */
export function createJupyterApi({ base, token }: JupyterApiOptions): JupyterApi {
  const urlOf = (path: string) => new URL(`api/${path}?no_track_activity=1`, base);
  const headers = () => ({ authorization: `token ${token() ?? ""}` });

  async function ask<T extends TSchema>(
    method: "GET" | "POST" | "DELETE",
    path: string,
    schema: T,
    body?: string,
    timeoutMs: number = TIMEOUT_MS,
  ): Promise<Static<T>> {
    const sent = body === undefined ? {} : { "content-type": "application/json" };
    const options = { method, headers: { ...headers(), ...sent } };
    const { status, text } = await askText(urlOf(path), options, body, timeoutMs);
    if (status < 200 || status > 299) throw new Error(`api/${path}: HTTP ${status}`);
    const value: unknown = text === "" ? null : JSON.parse(text);
    if (!Value.Check(schema, value)) throw new Error(`api/${path}: the answer is none of JupyterLab's`);
    return value;
  }

  return {
    async check() {
      await ask("GET", "status", Status);
    },
    async sessions() {
      const [kernels, terminals] = await Promise.all([
        ask("GET", "kernels", Kernels),
        ask("GET", "terminals", Terminals),
      ]);
      return {
        kernels: kernels.map(({ id, execution_state: state, last_activity }) => ({
          ...{ id, state, lastActivity: new Date(last_activity) },
        })),
        terminals: terminals.map(({ name: id, last_activity }) => ({
          ...{ id, lastActivity: new Date(last_activity) },
        })),
      };
    },
    async tryKernel() {
      const wanted = JSON.stringify({ name: KERNEL_NAME });
      const { id } = await ask("POST", "kernels", NewKernel, wanted, KERNEL_TIMEOUT_MS);
      try {
        const channels = urlOf(`kernels/${id}/channels`);
        channels.protocol = "ws:";
        await compute(channels, headers());
      } finally {
        await ask("DELETE", `kernels/${id}`, Type.Null(), undefined, KERNEL_TIMEOUT_MS);
      }
    },
  };
}

/** One request and its answer, of which MAX_BYTES are read at most. */
function askText(
  url: URL,
  options: Parameters<typeof openRequest>[1],
  body: string | undefined,
  timeoutMs: number,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const call = openRequest(url, options, body, (reply: IncomingMessage) => {
      boundedText(reply, MAX_BYTES).then((text) => resolve({ status: reply.statusCode ?? 0, text }), reject);
    });
    const late = () => call.destroy(new WaitTimeoutError("JupyterLab's answer", timeoutMs));
    const timer = setTimeout(late, timeoutMs);
    call.once("error", reject);
    call.once("close", () => clearTimeout(timer));
  });
}

/** What a kernel sends: only the result of ours matters. */
const KernelMessage = Type.Object({
  msg_type: Type.String(),
  parent_header: Type.Object({ msg_id: Type.Optional(Type.String()) }),
  content: Type.Object({
    data: Type.Optional(Type.Object({ "text/plain": Type.Optional(Type.String()) })),
    ename: Type.Optional(Type.String()),
  }),
});

/** @see https://jupyter-client.readthedocs.io/en/stable/messaging.html#execute */
const executeRequest = (id: string) => ({
  header: {
    ...{ msg_id: id, msg_type: "execute_request", username: "", session: randomUUID(), version: "5.3" },
    date: new Date().toISOString(),
  },
  parent_header: {},
  metadata: {},
  content: {
    ...{ code: SUM.code, silent: false, store_history: false, user_expressions: {} },
    ...{ allow_stdin: false, stop_on_error: true },
  },
  channel: "shell",
  buffers: [],
});

/** Has the kernel compute the sum, over its WebSocket. */
function compute(url: URL, headers: Readonly<Record<string, string>>): Promise<void> {
  const id = randomUUID();
  const socket = new WebSocket(url, {
    ...{ headers, handshakeTimeout: KERNEL_TIMEOUT_MS, maxPayload: MAX_BYTES, perMessageDeflate: false },
  });
  return new Promise<void>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new WaitTimeoutError("the kernel's answer", KERNEL_TIMEOUT_MS)),
      KERNEL_TIMEOUT_MS,
    );
    const end = (error: Error | null) => {
      clearTimeout(timer);
      if (error === null) resolve();
      else reject(error);
    };
    socket.once("open", () => socket.send(JSON.stringify(executeRequest(id))));
    socket.on("message", (data) => {
      const message: unknown = JSON.parse(String(data));
      if (!Value.Check(KernelMessage, message) || message.parent_header.msg_id !== id) return;
      if (message.msg_type === "error") end(new Error(`the kernel says ${message.content.ename}`));
      if (message.msg_type !== "execute_result") return;
      const result = message.content.data?.["text/plain"];
      end(result === SUM.result ? null : new Error(`the kernel computes ${SUM.code} wrongly`));
    });
    socket.once("error", end);
    socket.once("close", () => end(new Error("the kernel's connection was closed")));
  }).finally(() => socket.terminate());
}
