import { EventEmitter } from "node:events";
import { afterEach, expect, jest, test } from "@jest/globals";
import { pino } from "pino";
import type { NodeNotice } from "../../../../agent/contract/node-notice.js";
import { createHeadLink } from "../../../../agent/peers/head-link.js";

const HEARTBEAT_MS = 1_000;
afterEach(() => void jest.useRealTimers());

/** A WebSocket that keeps what is sent; its other end answers each heartbeat. */
class FakeSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 0;
  readonly messages: object[] = [];
  send(text: string): void {
    this.messages.push(JSON.parse(text) as object);
  }
  answer(): void {
    this.emit("message", JSON.stringify({ type: "lease", generation: 1, renewal: 1, nodes: 1 }));
  }
  close(): void {
    this.readyState = 3;
  }
  terminate(): void {
    this.readyState = 3;
  }
}

test("a heartbeat says what EC2 announces about the node, where that is something", () => {
  jest.useFakeTimers();
  const socket = new FakeSocket();
  let notices: NodeNotice[] = [];
  const link = createHeadLink({
    node: { id: "i-a", address: "10.0.0.5", hostname: "n", cores: 2, kind: "worker" },
    ...{ dial: () => socket, heartbeatMs: HEARTBEAT_MS, log: pino({ level: "silent" }) },
    clock: { monotonicMs: () => Date.now(), now: () => new Date(), sleep: async () => undefined },
    ...{
      failingProbes: () => [],
      activity: () => [],
      notices: () => notices,
      isBusy: () => false,
      shutsDown: () => false,
    },
    ...{
      onRenewal: () => {},
      onSecretAt: () => {},
      onStatus: () => {},
      onSilence: () => {},
      onChange: () => {},
    },
  } as never);
  link.follow({
    ...{ holder: "i-head", holderAddress: "10.0.0.1", generation: 1, renewal: 0, ttlMs: 15_000 },
    ...{ released: false, expiresAt: "2026-01-01T00:00:00.000Z" },
  });
  socket.readyState = 1;
  socket.emit("open");
  socket.answer();
  jest.advanceTimersByTime(HEARTBEAT_MS);
  expect(socket.messages.at(-1)).toMatchObject({ type: "heartbeat", failingProbes: [] });
  expect(socket.messages.at(-1)).not.toHaveProperty("notices");
  notices = [{ kind: "rebalance", at: null, what: "rebalance" }];
  socket.answer();
  jest.advanceTimersByTime(HEARTBEAT_MS);
  expect(socket.messages.at(-1)).toMatchObject({ type: "heartbeat", notices });
});
