import { createInterface } from "node:readline";
import { Writable } from "node:stream";

const MAX_BYTES = 65_536;

/** See World.readSecret. */
export const readSecret = (question: string): Promise<string> =>
  process.stdin.isTTY === true && process.stderr.isTTY === true ? askHidden(question) : readInput();

/** readline shows what is typed on its output, so its output shows nothing. */
function askHidden(question: string): Promise<string> {
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  return new Promise<string>((resolve) => {
    lines.once("SIGINT", () => resolve(""));
    lines.once("close", () => resolve(""));
    lines.once("line", resolve);
  }).finally(() => {
    lines.close();
    process.stderr.write("\n");
  });
}

async function readInput(): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin) {
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_BYTES) break;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks)
    .toString("utf8")
    .replace(/\r?\n$/, "");
}
