import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createIdentity } from "../../../provider/wire/certificate.js";
import type { Subject } from "./start.js";

/**
 * The least that a provider on Node.js can be, as a program: its handshake, and an answer of that many bytes over mutual TLS and HTTP/2, with Node.js's own
 * modules and nothing of ours. Its certificate is made here, once.
 */
export async function writeFloor(work: string, schemaCall: string, answerBytes: number): Promise<Subject> {
  const { keyPem, certificatePem, certificateDer } = createIdentity(new Date());
  const given = {
    key: keyPem,
    cert: certificatePem,
    shown: certificateDer.toString("base64").replace(/=+$/, ""),
    answerBytes,
  };
  const program = join(work, "floor");
  await writeFile(program, `#!/usr/bin/env node\nconst given = ${JSON.stringify(given)};\n${FLOOR}`, {
    mode: 0o755,
  });
  return { name: "node's TLS and HTTP/2 alone", program, schemaCall };
}

/** As ours does it: a key and a listening socket, then the line, then HTTP/2. The key is a provider's own work, so it is made too. */
const FLOOR = `
const { generateKeyPairSync } = require("node:crypto");
const { mkdtempSync, rmSync, writeSync } = require("node:fs");
const { createServer } = require("node:net");
generateKeyPairSync("ec", { namedCurve: "P-256" });
const folder = mkdtempSync("/tmp/muster-floor-");
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
process.on("SIGTERM", () => process.exit(0));
const waiting = [];
let accept = (socket) => waiting.push(socket);
createServer((socket) => accept(socket)).listen(folder + "/plugin", () => {
  writeSync(1, "1|6|unix|" + folder + "/plugin|grpc|" + given.shown + "\\n");
  setImmediate(() => {
    const { key, cert } = given;
    const ca = process.env.PLUGIN_CLIENT_CERT;
    const server = require("node:http2").createSecureServer({ key, cert, ca, requestCert: true });
    server.on("stream", (stream) => {
      stream.resume();
      stream.on("end", () => {
        stream.respond({ "content-type": "application/grpc" }, { waitForTrailers: true });
        stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
        const answer = Buffer.alloc(5 + given.answerBytes);
        answer.writeUInt32BE(given.answerBytes, 1);
        stream.end(answer);
      });
    });
    accept = (socket) => server.emit("connection", socket);
    for (const socket of waiting) accept(socket);
  });
});
`;
