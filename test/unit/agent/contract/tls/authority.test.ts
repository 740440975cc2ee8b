import { spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  authorityCertificate,
  crossCertificate,
  deriveAuthority,
  issueServerIdentity,
  isToRenew,
  type ServerIdentity,
} from "../../../../../agent/contract/tls/authority.js";
import { requestText } from "../../../../../agent/system/http-text.js";

const UUID = "6f1c2a54-9a57-4b0e-8d0e-3c1f5b7a9d21";
const OTHER_UUID = "00000000-9a57-4b0e-8d0e-3c1f5b7a9d21";
const NODE = { clusterUuid: UUID, address: "127.0.0.1" };
const NOW = new Date("2026-11-26T12:00:00Z");
const DAY_MS = 86_400_000;
const older = deriveAuthority("secret of before", UUID);
const newer = deriveAuthority("secret of now", UUID);
const publicPart = ({ publicKey }: typeof older) => publicKey.export({ type: "spki", format: "pem" });

describe("a cluster's authority", () => {
  test("is the same wherever its secret is known", () => {
    const again = deriveAuthority("secret of now", UUID);
    expect([again.name, publicPart(again)]).toEqual([newer.name, publicPart(newer)]);
  });

  test("is pinned: agents of two versions have the same one", () => {
    expect(newer.name).toBe(`cluster ${UUID} (43a1f52d)`);
  });

  test.each([
    ["secret", deriveAuthority("secret of noW", UUID)],
    ["cluster", deriveAuthority("secret of now", OTHER_UUID)],
  ])("is another for another %s", (_name, another) => {
    expect(publicPart(another)).not.toBe(publicPart(newer));
    expect(another.name).not.toBe(newer.name);
  });

  test("has no date that a cluster could outlive, and signs its own certificate", () => {
    const certificate = new X509Certificate(authorityCertificate(newer));
    expect(certificate.ca).toBe(true);
    expect(certificate.verify(newer.publicKey)).toBe(true);
    expect([certificate.validFromDate, certificate.validToDate]).toEqual([
      new Date("2020-01-01T00:00:00Z"),
      new Date("9999-12-31T23:59:59Z"),
    ]);
  });
});

describe("a node's certificate", () => {
  const identity = issueServerIdentity(newer, NODE, { now: NOW });
  const certificate = new X509Certificate(identity.certificate);

  test("names its address and its cluster, and is no authority", () => {
    expect(certificate.subjectAltName).toBe(`IP Address:127.0.0.1, URI:urn:uuid:${UUID}`);
    expect([
      certificate.ca,
      certificate.checkIssued(new X509Certificate(authorityCertificate(newer))),
    ]).toEqual([false, true]);
    expect(certificate.checkIP("127.0.0.1")).toBe("127.0.0.1");
    expect(certificate.checkIP("127.0.0.2")).toBeUndefined();
  });

  test("is another each time, as is its key", () => {
    const another = issueServerIdentity(newer, NODE, { now: NOW });
    expect(another.key).not.toBe(identity.key);
    expect(new X509Certificate(another.certificate).serialNumber).not.toBe(certificate.serialNumber);
  });

  test.each<[string, number, boolean]>([
    ["made by a clock five minutes fast", -5 / 1440, true],
    ["made by a clock five minutes slow", 5 / 1440, true],
    ["made by a clock two days fast", -2, false],
    ["not renewed for six days", 6, true],
    ["not renewed for eight days", 8, false],
  ])("%s counts by another's clock, which is %s days on: %s", (_name, days, expected) => {
    const at = new Date(NOW.getTime() + days * DAY_MS);
    expect(certificate.validFromDate <= at && at <= certificate.validToDate).toBe(expected);
  });

  test.each<[string, number, boolean]>([
    ["just made", 0, false],
    ["of this morning", 0.5, false],
    ["a day old", 1, true],
    ["long over: the machine slept for 400 days", 400, true],
    ["of tomorrow: the machine's clock was set back by a day", -1, true],
    ["of a clock that was set back by a minute", -1 / 1440, false],
    ["of a clock that was set back by half a day", -0.5, false],
    ["of a clock that was set back by more than half a day", -0.5 - 1 / DAY_MS, true],
    ["of almost a day", 1 - 1 / DAY_MS, false],
  ])("%s is renewed: %s days later, %s", (_name, days, expected) => {
    expect(isToRenew(identity, new Date(NOW.getTime() + days * DAY_MS))).toBe(expected);
  });
});

describe("OpenSSL, which curl and Python use, too,", () => {
  const folder = mkdtempSync(join(tmpdir(), "muster-tls-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const verify = (authority: typeof older, { certificate }: ServerIdentity, address = "127.0.0.1") => {
    const leaf = file("leaf.pem", certificate);
    const ca = file("ca.pem", authorityCertificate(authority));
    const strictly = ["-x509_strict", "-verify_ip", address, "-purpose", "sslserver"];
    return spawnSync("openssl", ["verify", "-CAfile", ca, ...strictly, "-untrusted", leaf, leaf]).status;
  };

  test("takes a certificate of the authority, for its address alone", () => {
    const identity = issueServerIdentity(newer, NODE, { now: new Date() });
    expect([verify(newer, identity), verify(older, identity), verify(newer, identity, "127.0.0.2")]).toEqual([
      0, 2, 2,
    ]);
  });

  test("takes one of the newer authority from who trusts only the older one, while nodes show its cross certificate", () => {
    const identity = issueServerIdentity(newer, NODE, { now: new Date(), older });
    expect([verify(newer, identity), verify(older, identity)]).toEqual([0, 0]);
    expect(crossCertificate(newer, older)).not.toBe(authorityCertificate(newer));
  });
});

describe("Node.js's client", () => {
  const identity = issueServerIdentity(newer, NODE, { now: new Date(), older });
  const server = createServer({ key: identity.key, cert: identity.certificate }, (_request, reply) =>
    reply.end("here"),
  );
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  const ask = (host: string, ...trusted: readonly (typeof older)[]) =>
    requestText(new URL(`https://${host}:${(server.address() as AddressInfo).port}/`), {
      ...{ method: "GET", timeoutMs: 60_000 },
      ca: trusted.map(authorityCertificate),
    }).then(({ body }) => body);

  test("trusts the node by the newer authority, the older one, and both", async () => {
    expect(await ask("127.0.0.1", newer)).toBe("here");
    expect(await ask("127.0.0.1", older)).toBe("here");
    expect(await ask("127.0.0.1", older, newer)).toBe("here");
  });

  test.each([
    ["of another cluster", "127.0.0.1", deriveAuthority("secret of now", OTHER_UUID)],
    ["of a stranger with another secret", "127.0.0.1", deriveAuthority("guess", UUID)],
    ["at another address", "localhost", newer],
  ])("refuses one %s", async (_name, host, trusted) => {
    await expect(ask(host, trusted)).rejects.toMatchObject({
      code: expect.stringMatching(/^(UNABLE_TO_|ERR_TLS_CERT_ALTNAME_INVALID)/),
    });
  });
});
