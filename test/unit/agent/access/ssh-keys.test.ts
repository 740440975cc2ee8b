import { describe, expect, test } from "@jest/globals";
import { renderAuthorizedKeys } from "../../../../agent/access/authorized-keys.js";
import { clusterKey } from "../../../../agent/access/cluster-key.js";
import { keepSshKeys, type SshKeysDeps } from "../../../../agent/access/ssh-keys.js";

const PEOPLE = ["ssh-ed25519 AAAA ada"];
const publicKeys = (...secrets: readonly string[]) => secrets.map((secret) => clusterKey(secret).publicKey);

/** A node's files, whose writing takes a moment. `rotate` changes the secrets and tells who listens. */
function node(isFull = false) {
  const failures: unknown[] = [];
  const files = { authorizedKeys: "", clusterKey: "" };
  const secrets = { accepted: ["first"] as readonly string[], sent: "first" };
  const listeners: (() => void)[] = [];
  const write = async (name: keyof typeof files, text: string): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    if (isFull) throw new Error("no space left on device");
    files[name] = text;
  };
  const deps: SshKeysDeps = {
    people: PEOPLE,
    keys: {
      accepted: () => secrets.accepted,
      sent: () => secrets.sent,
      onIdentity: (heard) => void listeners.push(heard),
    },
    files: {
      writeAuthorizedKeys: (text) => write("authorizedKeys", text),
      writeClusterKey: (text) => write("clusterKey", text),
    },
    onFailure: (error) => void failures.push(error),
  };
  const rotate = (accepted: readonly string[], sent: string): void => {
    Object.assign(secrets, { accepted, sent });
    for (const heard of listeners) heard();
  };
  return { deps, files, failures, rotate };
}

const moments = () => new Promise((resolve) => setTimeout(resolve, 20));

describe("the keys of ssh on a node", () => {
  test("are people's and the cluster's own, written when its agent has started", async () => {
    const { deps, files } = node();
    await keepSshKeys(deps);
    expect(files).toEqual({
      authorizedKeys: renderAuthorizedKeys(PEOPLE, publicKeys("first")),
      clusterKey: clusterKey("first").privateKey,
    });
  });

  test("go along with a rotation: both are taken, and the old one is used until all nodes know the new one", async () => {
    const { deps, files, rotate } = node();
    await keepSshKeys(deps);
    rotate(["second", "first"], "first");
    await moments();
    const both = renderAuthorizedKeys(PEOPLE, publicKeys("second", "first"));
    expect(files).toEqual({ authorizedKeys: both, clusterKey: clusterKey("first").privateKey });
    rotate(["second", "first"], "second");
    await moments();
    expect(files).toEqual({ authorizedKeys: both, clusterKey: clusterKey("second").privateKey });
    rotate(["second"], "second");
    await moments();
    expect(files.authorizedKeys).toBe(renderAuthorizedKeys(PEOPLE, publicKeys("second")));
  });

  test("are the last ones where two changes come at once", async () => {
    const { deps, files, rotate } = node();
    await keepSshKeys(deps);
    rotate(["second", "first"], "first");
    rotate(["third"], "third");
    await moments();
    expect(files).toEqual({
      authorizedKeys: renderAuthorizedKeys(PEOPLE, publicKeys("third")),
      clusterKey: clusterKey("third").privateKey,
    });
  });

  test("stay as they are where they can't be written, and the agent goes on", async () => {
    const { deps, files, failures } = node(true);
    await keepSshKeys(deps);
    expect(failures).toEqual([new Error("no space left on device")]);
    expect(files).toEqual({ authorizedKeys: "", clusterKey: "" });
  });
});
