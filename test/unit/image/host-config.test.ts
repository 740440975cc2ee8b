import { describe, expect, test } from "@jest/globals";
import {
  aptOptions,
  aptOptionsInRoot,
  BAKE_CA_PATH,
  bakeEnvironment,
  bakeSources,
} from "../../../scripts/image/host-config.js";

describe("apt options", () => {
  const dump = [
    'Acquire::http::Proxy "http://user:secret@proxy:3128";',
    'Acquire::https::CaInfo "/etc/ssl/own.pem";',
    'Acquire::Check-Valid-Until "false";',
    'Acquire::IndexTargets::deb::Packages::Optional "0";',
    'Dir::Cache::pkgcache "";',
  ].join("\n");

  test("keep what says how to reach a mirror, and nothing else", () => {
    expect(aptOptions(dump).split("\n")).toEqual([
      'Acquire::http::Proxy "http://user:secret@proxy:3128";',
      'Acquire::https::CaInfo "/etc/ssl/own.pem";',
      'Acquire::Check-Valid-Until "false";',
      'Acquire::Languages "none";',
      "",
    ]);
  });

  test("name the bake's certificates inside the root", () => {
    expect(aptOptionsInRoot(aptOptions(dump), BAKE_CA_PATH)).toContain(
      'Acquire::https::CaInfo "/run/bake/ca.pem";',
    );
  });
});

describe("apt sources", () => {
  test.each([
    ["one-line", "deb [arch=amd64] http://mirror.test/debian/ bookworm main\n", "http://mirror.test/debian"],
    ["deb822", "Types: deb\nURIs: https://m.test/debian\nSuites: bookworm\n", "https://m.test/debian"],
  ])("%s", (_name, text, mirror) => {
    expect(bakeSources([text])).toBe(
      `deb ${mirror} trixie main\ndeb ${mirror} trixie-updates main\ndeb ${mirror}-security trixie-security main\n`,
    );
  });

  test.each([
    ["none of Debian", "deb http://mirror.test/ubuntu noble main\n"],
    ["commented out", "# deb http://mirror.test/debian bookworm main\n"],
  ])("%s: the bake uses Debian's own", (_name, text) => {
    expect(bakeSources([text])).toBeNull();
  });

  test("the security mirror is the machine's own too", () => {
    const text = "deb http://m.test/debian x main\ndeb http://m.test/debian-security x-security main\n";
    expect(bakeSources([text])).toContain("deb http://m.test/debian-security trixie-security main");
  });
});

describe("the recipe's environment", () => {
  test("has proxies and pip's index, and none of the machine's paths", () => {
    const environment = bakeEnvironment(
      { https_proxy: "http://proxy:1", PIP_CERT: "/host.pem", PIP_FIND_LINKS: "/wheels", SECRET: "x" },
      "global.index-url='https://index.test/simple'\nglobal.extra-index-url='file:///a/simple https://b.test/simple'\nglobal.cert='/host.pem'\n",
    );
    expect(environment).toEqual({
      https_proxy: "http://proxy:1",
      PIP_INDEX_URL: "https://index.test/simple",
      PIP_EXTRA_INDEX_URL: "https://b.test/simple",
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      HOME: "/root",
    });
  });

  test("the machine's environment wins over its pip.conf", () => {
    const environment = bakeEnvironment(
      { PIP_INDEX_URL: "https://env.test/simple" },
      "global.index-url='https://file.test/simple'",
    );
    expect(environment["PIP_INDEX_URL"]).toBe("https://env.test/simple");
  });
});
