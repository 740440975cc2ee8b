import { execFileSync, spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

const SCRIPT = resolve("agent/image/session-manager.sh");
const AWS_KEY = resolve("agent/image/session-manager.asc");
/** As AWS publishes it, and as the key's bytes say. */
const AWS_FINGERPRINT = "DE92C7DA3E56E92331D62A36BC1F495C97DD04ED";

let folder: string;
let served: string;
const at = (...parts: string[]) => join(folder, ...parts);
function gpg(home: string, ...args: readonly string[]): string {
  return execFileSync("gpg", ["--batch", "--quiet", ...args], {
    env: { ...process.env, GNUPGHOME: at(home) },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
}

/** Stand-ins for what acts on the machine: what they are called with goes into a file. */
const STAND_INS = {
  curl: `while [ $# -gt 1 ]; do [ "$1" != --output ] || out=$2; shift; done
file=$SERVED/\${1##*/}
echo "curl $1" >>"$CALLS"
[ -e "$file" ] || exit 22
cp "$file" "$out"`,
  dpkg: `[ "$1" != --print-architecture ] || { echo amd64; exit; }
echo "dpkg $1" >>"$CALLS"`,
  systemctl: `echo "systemctl $*" >>"$CALLS"`,
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "muster-ssm-"));
  served = at("served");
  for (const name of ["bin", "served", "muster"]) mkdirSync(at(name));
  for (const [name, script] of Object.entries(STAND_INS))
    writeFileSync(at("bin", name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  for (const home of ["aws", "stranger"]) {
    mkdirSync(at(home), { mode: 0o700 });
    gpg(
      home,
      "--faked-system-time",
      "20240101T000000",
      "--passphrase",
      "",
      "--quick-gen-key",
      home,
      "rsa2048",
      "sign",
      "1y",
    );
  }
  writeFileSync(at("key.asc"), gpg("aws", "--armor", "--export"));
});
afterAll(() => {
  for (const home of ["aws", "stranger"])
    spawnSync("gpgconf", ["--homedir", at(home), "--kill", "all"], { stdio: "ignore" });
  rmSync(folder, { recursive: true, force: true });
});

/** AWS serves a package, signed in June 2024 with the key of `home`; null: unsigned. */
function serve(home: string | null): void {
  rmSync(served, { recursive: true });
  mkdirSync(served);
  writeFileSync(join(served, "amazon-ssm-agent.deb"), "a package");
  if (home === null) return;
  gpg(home, "--faked-system-time", "20240601T000000", "--detach-sign", join(served, "amazon-ssm-agent.deb"));
}
function install(environment: Readonly<Record<string, string>> = {}) {
  writeFileSync(at("calls"), "");
  const env = {
    PATH: `${at("bin")}:${process.env["PATH"]}`,
    SERVED: served,
    CALLS: at("calls"),
    ...environment,
  };
  const { status, stdout, stderr } = spawnSync("/bin/sh", [SCRIPT, at("key.asc"), at("muster")], {
    env,
    encoding: "utf8",
  });
  return { status, stdout, stderr, calls: readFileSync(at("calls"), "utf8").trimEnd().split("\n") };
}
const URL =
  "https://s3.amazonaws.com/ec2-downloads-windows/SSMAgent/latest/debian_amd64/amazon-ssm-agent.deb";

describe("Session Manager's agent", () => {
  test("is installed where AWS's key has signed it, even when our copy of the key says that it has expired", () => {
    serve("aws");
    expect(install()).toEqual({
      ...{ status: 0, stdout: "", stderr: "" },
      calls: [
        `curl ${URL}`,
        `curl ${URL}.sig`,
        "dpkg --install",
        "systemctl --quiet enable amazon-ssm-agent.service",
      ],
    });
    expect(existsSync(at("muster/without"))).toBe(false);
  });

  test.each<[string, () => void, RegExp]>([
    ["signed with another key", () => serve("stranger"), /is not signed with the key in/],
    [
      "changed after it was signed",
      () => {
        serve("aws");
        appendFileSync(join(served, "amazon-ssm-agent.deb"), "!");
      },
      /is not signed with the key in/,
    ],
    ["without a signature", () => serve(null), /amazon-ssm-agent\.deb\.sig can't be fetched/],
    [
      "not there",
      () => rmSync(join(served, "amazon-ssm-agent.deb")),
      /can't be fetched\. An image without Session Manager: MUSTER_IMAGE_WITHOUT=session-manager/,
    ],
  ])("is not installed, and fails the image, where the package is %s", (_name, change, words) => {
    change();
    const { status, stderr, calls } = install();
    expect(status).toBe(1);
    expect(stderr).toMatch(words);
    expect(calls.join()).not.toContain("dpkg --install");
  });

  test("is left out by request alone, and the image says so", () => {
    const { status, stdout, calls } = install({ MUSTER_IMAGE_WITHOUT: "session-manager" });
    expect({ status, calls }).toEqual({ status: 0, calls: [""] });
    expect(stdout).toContain("without Session Manager's agent");
    expect(readFileSync(at("muster/without"), "utf8")).toBe("session-manager\n");
    // The recipe begins the list anew.
    rmSync(at("muster/without"));
    serve("aws");
    expect(install().status).toBe(0);
    expect(existsSync(at("muster/without"))).toBe(false);
  });
});

test("the recipe's key is AWS's, by its fingerprint", () => {
  expect(gpg("stranger", "--with-colons", "--show-keys", AWS_KEY)).toContain(
    `fpr:::::::::${AWS_FINGERPRINT}:`,
  );
});
