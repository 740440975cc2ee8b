import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "node:tls";
import { roleToken } from "../../../agent/contract/tokens.js";
import { CLUSTER_SECRET, testAuthority } from "../../support/agent/tls.js";

// Asks one path over so many connections, one request after the other on each, and counts the answers and their times.

const [, , port = "", connections = "32", seconds = "5", path = "/v1/status"] = process.argv;
const AUTHORITY = testAuthority();
const WARM_UP_SECONDS = 0.5;
const QUESTION = [
  `GET ${path} HTTP/1.1`,
  "host: node",
  `authorization: Bearer ${roleToken(CLUSTER_SECRET, "reader")}`,
  "\r\n",
].join("\r\n");

const times: number[] = [];
let isCounting = false;

/** Calls `next` after each whole answer with status 200; ends the process where there is another. */
function answers(next: () => void): (data: Buffer) => void {
  let bodyBytes: number | null = null;
  let head = "";
  let seenBytes = 0;
  return (data) => {
    let body = data.length;
    if (bodyBytes === null) {
      head += data.toString("latin1");
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) return;
      if (!head.startsWith("HTTP/1.1 200")) throw new Error(head);
      bodyBytes = Number(/content-length: (\d+)/i.exec(head)?.[1]);
      body = head.length - end - 4;
    }
    seenBytes += body;
    if (seenBytes < bodyBytes) return;
    [bodyBytes, head, seenBytes] = [null, "", 0];
    next();
  };
}

function ask(): void {
  const socket = connect({ port: Number(port), host: "127.0.0.1", ca: AUTHORITY });
  let sentAtMs = 0;
  const send = () => {
    sentAtMs = performance.now();
    socket.write(QUESTION);
  };
  socket.setNoDelay(true).on("secureConnect", send);
  socket.on(
    "data",
    answers(() => {
      if (isCounting) times.push(performance.now() - sentAtMs);
      send();
    }),
  );
}

async function main(): Promise<void> {
  for (let n = 0; n < Number(connections); n += 1) ask();
  await sleep(WARM_UP_SECONDS * 1_000);
  isCounting = true;
  const fromMs = performance.now();
  await sleep(Number(seconds) * 1_000);
  const tookMs = performance.now() - fromMs;
  const sorted = times.sort((a, b) => a - b);
  process.send?.({
    perSecond: (1_000 * sorted.length) / tookMs,
    p99Ms: sorted[Math.floor(sorted.length * 0.99)],
  });
}

void main();
