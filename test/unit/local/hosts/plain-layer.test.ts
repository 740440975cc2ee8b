import { existsSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { HostSettings } from "../../../../scripts/image/host-settings.js";
import { writePlainLayer } from "../../../../scripts/local/hosts/system/plain-layer.js";

describe("the layer of nodes with a plain Debian", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "layer-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const read = (path: string): string => readFileSync(join(folder, "layer", path), "utf8");
  const write = (settings: Partial<HostSettings>): void =>
    writePlainLayer(join(folder, "layer"), {
      nodeScripts: "scripts/local/hosts/node",
      recipeFiles: "agent/image/files",
      settings: { aptOptions: "", sources: null, caBundle: null, environment: {}, ...settings },
    });
  const variables = (): string[] =>
    read("etc/systemd/system.conf.d/mirrors.conf")
      .split("\n")
      .flatMap((line) => /^DefaultEnvironment="(.*)"$/.exec(line)?.[1] ?? []);

  test("user data runs, by a link that the recipe's own does not find, and AWS is where it is for each node", () => {
    write({});
    const wants = "systemd/system/multi-user.target.wants/ec2-user-data.service";
    expect(readlinkSync(join(folder, "layer/usr/local/lib", wants))).toBe(
      "/etc/systemd/system/ec2-user-data.service",
    );
    expect(existsSync(join(folder, "layer/etc", wants))).toBe(false);
    expect(read("usr/lib/muster/ec2-user-data")).toContain("user-data");
    expect(read("etc/systemd/system.conf.d/aws-endpoint.conf")).toContain("AWS_ENDPOINT_URL=");
  });

  test("the way to the mirrors is the proxy's, not this machine's, and the way to AWS goes by no proxy", () => {
    writeFileSync(join(folder, "own.pem"), "a certificate");
    write({
      aptOptions: 'Acquire::http::Proxy "http://own:1";\nAcquire::https::CaInfo "/own.pem";\n',
      sources: "deb http://mirror/debian trixie main\n",
      caBundle: join(folder, "own.pem"),
      environment: {
        HTTP_PROXY: "http://own:1",
        PIP_INDEX_URL: "https://index/a%20b",
        HOME: "/root",
        PATH: "/bin",
      },
    });
    const own = variables();
    expect(own).toContain("PIP_INDEX_URL=https://index/a%%20b");
    expect(own).toContain("https_proxy=http://169.254.169.252:3128");
    expect(own).toContain("no_proxy=localhost,127.0.0.1,169.254.169.254,169.254.169.253");
    expect(own).toContain("SSL_CERT_FILE=/usr/local/share/mirrors/ca.pem");
    expect(own.join("\n")).not.toMatch(/own:1|HOME|^PATH/m);
    expect(read("usr/local/share/mirrors/apt.conf")).toBe(
      'Acquire::https::CaInfo "/usr/local/share/mirrors/ca.pem";\n',
    );
    expect(read("usr/local/share/mirrors/ca.pem")).toBe("a certificate");
    expect(read("etc/apt/sources.list")).toBe("deb http://mirror/debian trixie main\n");
  });

  test("without a mirror or certificates of this machine's it has Debian's own", () => {
    write({});
    expect(read("etc/apt/sources.list")).toContain("deb http://deb.debian.org/debian trixie main\n");
    expect(variables().some((line) => line.startsWith("SSL_CERT_FILE="))).toBe(false);
    expect(existsSync(join(folder, "layer/usr/local/share/mirrors/ca.pem"))).toBe(false);
  });
});
