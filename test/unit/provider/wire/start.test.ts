import { X509Certificate } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { createIdentity } from "../../../../provider/wire/certificate.js";
import { handshakeLine, readStart } from "../../../../provider/wire/handshake.js";
import { jsonLog } from "../../../../provider/wire/log.js";
import { COOKIE } from "../../../support/provider/plugin-process.js";

describe("createIdentity", () => {
  test("is a certificate for localhost that verifies itself and belongs to the key", () => {
    const { certificateDer, certificatePem, keyPem } = createIdentity(new Date());
    const certificate = new X509Certificate(certificateDer);
    expect(certificate.subjectAltName).toBe("DNS:localhost");
    expect(certificate.checkHost("localhost")).toBe("localhost");
    expect(certificate.ca).toBe(true);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkIssued(certificate)).toBe(true);
    expect(new X509Certificate(certificatePem).fingerprint256).toBe(certificate.fingerprint256);
    expect(keyPem).toContain("BEGIN PRIVATE KEY");
  });

  test.each(["2026-11-23T20:00:00Z", "2049-12-31T23:59:59Z", "2051-02-03T04:05:06Z"])(
    "is valid at %s",
    (at) => {
      const now = new Date(at);
      const { validFrom, validTo } = new X509Certificate(createIdentity(now).certificateDer);
      expect(new Date(validFrom).getTime()).toBeLessThan(now.getTime());
      expect(new Date(validTo).getTime()).toBeGreaterThan(now.getTime() + 86_400_000);
    },
  );

  test("parses for any random serial and signature", () => {
    for (let round = 0; round < 50; round++) {
      const { certificateDer } = createIdentity(new Date());
      expect(new X509Certificate(certificateDer).serialNumber).toMatch(/^[0-9A-F]+$/);
    }
  });
});

describe("readStart", () => {
  test.each([
    ["no cookie", {}, /Terraform starts it/],
    ["another program's cookie", { TF_PLUGIN_MAGIC_COOKIE: "x" }, /Terraform starts it/],
    ["a certificate that is none", { ...COOKIE, PLUGIN_CLIENT_CERT: "pem" }, /not a certificate/],
    ["a Terraform without protocol 6", { ...COOKIE, PLUGIN_PROTOCOL_VERSIONS: "4,5" }, /protocol 6/],
  ])("%s is refused", (_name, env, message) => {
    expect(readStart(env)).toMatchObject({ kind: "refuse", message: expect.stringMatching(message) });
  });

  test("serves with the client's certificate, or plainly without one", () => {
    const { certificatePem } = createIdentity(new Date());
    expect(readStart({ ...COOKIE, PLUGIN_CLIENT_CERT: certificatePem })).toEqual({
      kind: "serve",
      clientCertificatePem: certificatePem,
    });
    expect(readStart(COOKIE)).toEqual({ kind: "serve", clientCertificatePem: null });
  });
});

test.each([1, 2, 3])("the handshake's certificate has no padding (%d bytes)", (bytes) => {
  expect(handshakeLine("/tmp/p", Buffer.alloc(bytes))).toMatch(/^1\|6\|unix\|\/tmp\/p\|grpc\|A+$/);
});

test("a log line is JSON with Terraform's fields and microseconds", () => {
  const lines: string[] = [];
  jsonLog(
    (line) => lines.push(line),
    () => new Date(0),
  ).info("hello", { node: "i-1" });
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    {
      "@level": "info",
      "@message": "hello",
      "@module": "muster",
      "@timestamp": "1970-01-01T00:00:00.000000Z",
      node: "i-1",
    },
  ]);
});
