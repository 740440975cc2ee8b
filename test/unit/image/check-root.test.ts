import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { checkNothingOfHost } from "../../../scripts/image/check-root.js";

const pem = (body: string): string => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;

describe("nothing of the machine stays in the image", () => {
  let root: string;
  const put = (path: string, content: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  const traces = {
    environment: { https_proxy: "http://user:secret@proxy.test:3128" },
    sources: "deb http://mirror.test/debian trixie main\n",
  };
  const check = (): Promise<void> => checkNothingOfHost(root, traces);

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "root-"));
    mkdirSync(join(root, "usr/local/share/ca-certificates"), { recursive: true });
    put("usr/share/ca-certificates/mozilla/a.crt", pem("AAAA"));
    put("etc/ssl/certs/ca-certificates.crt", pem("AAAA"));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  test("a clean root passes", async () => {
    await expect(check()).resolves.toBeUndefined();
  });

  test.each([
    ["a pip configuration", "etc/pip.conf", "[global]", "/etc/pip.conf exists"],
    ["a resolver", "etc/resolv.conf", "nameserver 10.0.0.1", "/etc/resolv.conf exists"],
    [
      "a mirror",
      "etc/apt/sources.list.d/x.list",
      "deb http://mirror.test/debian x main",
      "names mirror.test",
    ],
    ["a proxy", "etc/environment", "https_proxy=http://proxy.test:3128", "/etc/environment names proxy.test"],
    ["an apt setting", "etc/apt/apt.conf.d/99x", 'Acquire::Check-Date "false";', "contains apt settings"],
    ["a CA of its own", "usr/local/share/ca-certificates/own.crt", pem("BBBB"), "own.crt exists"],
    [
      "a CA bundle of its own",
      "etc/ssl/certs/ca-certificates.crt",
      pem("AAAA") + pem("BBBB"),
      "1 certificates",
    ],
  ])("fails on %s", async (_name, path, content, finding) => {
    put(path, content);
    await expect(check()).rejects.toThrow(finding);
  });
});
