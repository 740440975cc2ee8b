import { EventEmitter } from "node:events";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { pino } from "pino";
import type { Clock } from "../../../../agent/contract/clock.js";
import { createHeadLink, type HeadLink } from "../../../../agent/peers/head-link.js";
import { MISSED_HEARTBEATS } from "../../../../agent/peers/messages.js";
import type { PeerSocket } from "../../../../agent/peers/socket.js";

const HEARTBEAT_MS = 1_000;
const REST_MS = 5_000;
const lease = (generation: number) => ({
  ...{ holder: "i-head", holderAddress: "10.0.0.1", generation, renewal: 0, ttlMs: 15_000, released: false },
  expiresAt: "2026-01-01T00:00:00.000Z",
});

/** A WebSocket whose other end is the test's. */
class FakeSocket extends EventEmitter implements PeerSocket {
  readonly OPEN = 1;
  readyState = 0;
  readonly sent: string[] = [];
  isEnded = false;
  send(text: string): void {
    const { type, isAsked } = JSON.parse(text) as { type: string; isAsked?: true };
    this.sent.push(isAsked ? "asked" : type);
  }
  close(): void {
    this.terminate();
  }
  terminate(): void {
    this.readyState = 3;
    this.isEnded = true;
  }
  open(): void {
    this.readyState = 1;
    this.emit("open");
  }
  answer(nodes = 0): void {
    this.emit("message", JSON.stringify({ type: "lease", generation: 1, renewal: 1, nodes }));
  }
  /** As a head at rest does. */
  ask(nodes = 4): void {
    const message = { type: "lease", generation: 1, renewal: 1, nodes, restMs: REST_MS, asks: true };
    this.emit("message", JSON.stringify(message));
  }
}

let sockets: FakeSocket[];
let changes: number;
let said: string[];
let silences: [string, number][];
let link: HeadLink;
let isBusy: boolean;
beforeEach(() => {
  jest.useFakeTimers();
  link = makeLink();
});
afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});

function makeLink(): HeadLink {
  [sockets, changes, said, silences, isBusy] = [[], 0, [], [], false];
  const clock: Clock = {
    monotonicMs: () => Date.now(),
    now: () => new Date(),
    sleep: async () => undefined,
  };
  return createHeadLink({
    node: { id: "i-a", address: "10.0.0.5", hostname: "n", cores: 2, kind: "worker" },
    dial() {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    ...{ heartbeatMs: HEARTBEAT_MS, clock },
    failingProbes: () => [],
    activity: () => [],
    notices: () => [],
    shutsDown: () => false,
    isBusy: () => isBusy,
    onRenewal: () => undefined,
    onSecretAt: () => undefined,
    onStatus: () => undefined,
    onSilence: (address, sinceMs) => silences.push([address, Date.now() - sinceMs]),
    onChange: () => {
      changes += 1;
    },
    log: pino({ level: "warn" }, { write: (line) => said.push((JSON.parse(line) as { msg: string }).msg) }),
  });
}

function connected(): FakeSocket {
  link.follow(lease(1));
  const socket = sockets.at(-1);
  if (socket === undefined) throw new Error("nothing was dialled");
  socket.open();
  socket.answer();
  return socket;
}

describe("a link whose head answers no more", () => {
  test("is tried anew after two heartbeats, beside itself, and replaced by the one that is answered", () => {
    const first = connected();
    jest.advanceTimersByTime(2 * HEARTBEAT_MS);
    expect(sockets).toHaveLength(1);
    jest.advanceTimersByTime(HEARTBEAT_MS);
    const [, second] = sockets;
    expect([sockets.length, first.isEnded, link.isConnected()]).toEqual([2, false, true]);
    second?.open();
    second?.answer();
    expect([first.isEnded, second?.isEnded, link.isConnected(), changes]).toEqual([true, false, true, 1]);
    // Late word of the dead one changes nothing.
    first.emit("close", 1006, "");
    expect([link.isConnected(), changes]).toEqual([true, 1]);
    expect(said).toEqual(["the connection to the head was dead; another one has taken its place"]);
  });

  test("that was only slow keeps the link that it has, and the other one goes", () => {
    const first = connected();
    jest.advanceTimersByTime(3 * HEARTBEAT_MS);
    first.answer();
    expect([sockets.length, sockets[1]?.isEnded, first.isEnded]).toEqual([2, true, false]);
    expect([link.isConnected(), changes, said]).toEqual([true, 1, []]);
    // A socket that is ended while it is being opened emits an error.
    sockets[1]?.emit("error", new Error("closed before it was open"));
    expect(link.isConnected()).toBe(true);
  });

  test("is tried anew again where the other one fails too", () => {
    const first = connected();
    jest.advanceTimersByTime(3 * HEARTBEAT_MS);
    sockets[1]?.emit("error", new Error("refused"));
    jest.advanceTimersByTime(HEARTBEAT_MS);
    expect([sockets.length, first.isEnded, link.isConnected()]).toEqual([3, false, true]);
  });

  test("anywhere is lost when its time is up", () => {
    connected();
    jest.advanceTimersByTime((MISSED_HEARTBEATS + 1) * HEARTBEAT_MS);
    expect([link.isConnected(), changes]).toEqual([false, 2]);
    expect(said).toEqual(["connection to the head lost"]);
  });

  test("is silent from its second heartbeat on, which is said with each, until it answers", () => {
    const socket = connected();
    jest.advanceTimersByTime(HEARTBEAT_MS);
    expect(silences).toEqual([]);
    jest.advanceTimersByTime(2 * HEARTBEAT_MS);
    expect(silences).toEqual([
      ["10.0.0.1", 2 * HEARTBEAT_MS],
      ["10.0.0.1", 3 * HEARTBEAT_MS],
    ]);
    socket.answer();
    jest.advanceTimersByTime(HEARTBEAT_MS);
    expect(silences).toHaveLength(2);
  });

  test("has longer where it has answered late before, for minutes", () => {
    const socket = connected();
    jest.advanceTimersByTime(2.5 * HEARTBEAT_MS);
    socket.answer();
    silences = [];
    jest.advanceTimersByTime(4 * HEARTBEAT_MS);
    expect(silences).toEqual([]);
    jest.advanceTimersByTime(HEARTBEAT_MS);
    expect(silences).toEqual([["10.0.0.1", 4.5 * HEARTBEAT_MS]]);
    for (let beat = 0; beat < 300; beat += 1) {
      socket.answer();
      jest.advanceTimersByTime(HEARTBEAT_MS);
    }
    silences = [];
    jest.advanceTimersByTime(2 * HEARTBEAT_MS);
    expect(silences).toEqual([["10.0.0.1", 2.5 * HEARTBEAT_MS]]);
  });

  test("of a large cluster is not noticed by all nodes in one moment", () => {
    const noticed = new Set<number>();
    for (let node = 0; node < 40; node += 1) {
      link = makeLink();
      connected().answer(1_000);
      while (silences.length === 0 && link.isConnected()) jest.advanceTimersByTime(HEARTBEAT_MS);
      noticed.add(silences[0]?.[1] ?? 0);
      void link.close();
    }
    expect([...noticed].sort()).toEqual([2, 3, 4].map((beats) => beats * HEARTBEAT_MS));
  });

  test("of a large cluster is not tried anew by all nodes in one moment", () => {
    const waits: number[] = [];
    for (let node = 0; node < 20; node += 1) {
      link = makeLink();
      connected().answer(1_000);
      const startedAtMs = Date.now();
      while (sockets.length < 2 && link.isConnected()) jest.advanceTimersByTime(10);
      waits.push(Date.now() - startedAtMs);
      void link.close();
    }
    expect(new Set(waits).size).toBeGreaterThan(10);
  });
});

describe("a link whose head is at rest", () => {
  function resting(): FakeSocket {
    const socket = connected();
    socket.ask();
    socket.sent.length = 0;
    return socket;
  }

  test("says something only when it is asked, or has something to say", () => {
    const socket = resting();
    for (let asked = 0; asked < 12; asked += 1) {
      jest.advanceTimersByTime(REST_MS);
      socket.ask();
    }
    expect(socket.sent).toEqual(Array.from({ length: 12 }, () => "asked"));
    link.reportNow();
    expect(socket.sent.at(-1)).toBe("heartbeat");
    expect([sockets.length, silences, link.isConnected()]).toEqual([1, [], true]);
  });

  test("of a large cluster is answered within a second, and not by all nodes in one moment", () => {
    const answeredAtMs: number[] = [];
    for (let node = 0; node < 20; node += 1) {
      link = makeLink();
      const socket = connected();
      socket.ask(1_000);
      const askedAtMs = Date.now();
      const beats = () => socket.sent.filter((type) => type === "asked").length;
      while (beats() === 0) jest.advanceTimersByTime(10);
      answeredAtMs.push(Date.now() - askedAtMs);
      void link.close();
    }
    expect(Math.max(...answeredAtMs)).toBeLessThanOrEqual(HEARTBEAT_MS);
    expect(new Set(answeredAtMs).size).toBeGreaterThan(5);
  });

  test.each([
    [49, 1],
    [50, 0],
  ])("answers at once where its turn is in %i ms: %i times", (turnMs, answers) => {
    jest.spyOn(Math, "random").mockReturnValue(turnMs / 100);
    const socket = connected();
    // The turns of 50 nodes are spread over 100 ms.
    socket.ask(50);
    expect(socket.sent.filter((type) => type === "asked")).toHaveLength(answers);
    jest.advanceTimersByTime(turnMs);
    expect(socket.sent.filter((type) => type === "asked")).toHaveLength(1);
  });

  test("gives its heartbeats again at once when the head is awake", () => {
    const socket = resting();
    jest.advanceTimersByTime(REST_MS);
    socket.answer();
    jest.advanceTimersByTime(3 * HEARTBEAT_MS);
    expect(socket.sent).toEqual(["heartbeat", "heartbeat", "heartbeat"]);
  });

  test("asks a head that does not ask in time, and is lost in less than a lease's time", () => {
    const socket = resting();
    jest.advanceTimersByTime(REST_MS + 2 * HEARTBEAT_MS - 1);
    expect(socket.sent).toEqual([]);
    jest.advanceTimersByTime(1);
    expect([socket.sent, link.isConnected()]).toEqual([["heartbeat"], true]);
    jest.advanceTimersByTime(7 * HEARTBEAT_MS);
    expect([link.isConnected(), said]).toEqual([false, ["connection to the head lost"]]);
  });

  test("rests again once the head answers, which has learnt nothing of the head's gaps", () => {
    const socket = resting();
    jest.advanceTimersByTime(REST_MS + 2 * HEARTBEAT_MS);
    socket.ask();
    socket.sent.length = 0;
    jest.advanceTimersByTime(REST_MS);
    expect(socket.sent).toEqual([]);
    socket.answer();
    jest.advanceTimersByTime(2 * HEARTBEAT_MS);
    expect(silences).toEqual([["10.0.0.1", 2 * HEARTBEAT_MS]]);
  });

  test("does not rest while something of mpiexec's runs here, whatever the head says", () => {
    const socket = resting();
    isBusy = true;
    link.reportNow();
    socket.sent.length = 0;
    jest.advanceTimersByTime(2 * HEARTBEAT_MS);
    expect(socket.sent).toHaveLength(2);
    socket.ask();
    jest.advanceTimersByTime(2 * HEARTBEAT_MS);
    expect(silences).toEqual([["10.0.0.1", 2 * HEARTBEAT_MS]]);
  });
});

describe("a head that can't be reached", () => {
  test("is dialled again when the role asks, with a back-off, and its reason is said once", () => {
    for (let tries = 0; tries < 5; tries += 1) {
      link.follow(lease(1));
      jest.advanceTimersByTime(2_500);
      sockets.at(-1)?.emit("error", new Error("its certificate is not valid yet"));
    }
    expect(sockets).toHaveLength(5);
    expect(said).toEqual(["no connection to the head; trying again"]);
    expect([link.isConnected(), changes]).toEqual([false, 0]);
  });

  test("is not dialled twice at once, and no more once the node is head itself", () => {
    link.follow(lease(1));
    sockets.at(-1)?.emit("error", new Error("refused"));
    link.follow(lease(1));
    link.follow(lease(1));
    void link.close();
    jest.advanceTimersByTime(10_000);
    expect(sockets.length).toBeLessThanOrEqual(2);
  });
});

describe("a link that is told of the head again", () => {
  test("stays as it is for the same term, and dials for another", () => {
    const first = connected();
    link.follow(lease(1));
    expect([sockets.length, first.isEnded]).toEqual([1, false]);
    link.follow(lease(2));
    expect([sockets.length, first.isEnded]).toEqual([2, true]);
  });
});
