import { describe, expect, test } from "@jest/globals";
import { countCores } from "../../../../agent/node/cores.js";
import { cloudPlaces, vethName } from "../../../../scripts/local/hosts/cloud.js";
import { renderCpuinfo, renderHosts } from "../../../../scripts/local/hosts/render.js";

describe("a node's /proc/cpuinfo", () => {
  test.each([
    ["c5.xlarge", 4, 2, 2],
    ["c7g.large", 2, 1, 2],
    ["hpc7a.12xlarge", 24, 1, 24],
    ["t2.nano", 1, 1, 1],
  ])("%s: the agent counts its cores", (_type, vCpus, threadsPerCore, cores) => {
    const text = renderCpuinfo({ vCpus, threadsPerCore });
    expect(text.match(/^processor\t/gm)).toHaveLength(vCpus);
    expect(countCores(text)).toBe(cores);
  });
});

test("/etc/hosts has full and short names, in stable order", () => {
  const at = (last: number) => ({
    id: `i-${last}`,
    isRunning: true,
    imageId: "ami-1",
    address: `10.0.0.${last}`,
    privateDnsName: `ip-10-0-0-${last}.ec2.internal`,
    type: "c5.xlarge",
    cpu: { vCpus: 4, threadsPerCore: 2 },
  });
  expect(renderHosts([at(7), at(5)])).toBe(
    "127.0.0.1 localhost\n::1 localhost ip6-localhost\n" +
      "10.0.0.5 ip-10-0-0-5.ec2.internal ip-10-0-0-5\n10.0.0.7 ip-10-0-0-7.ec2.internal ip-10-0-0-7\n",
  );
});

describe("names on the machine", () => {
  test.each(["", "A", "a/b", "a..", "-a", "a-", "a".repeat(17)])('"%s" fails as a cloud\'s name', (name) => {
    expect(() => cloudPlaces(name, "/x")).toThrow("can't name a local cloud");
  });

  test.each(["relative", "/with space", "/with:colon", "/with,comma"])(
    '"%s" fails as MUSTER_LOCAL_DIR',
    (root) => {
      expect(() => cloudPlaces("a", root)).toThrow("MUSTER_LOCAL_DIR");
    },
  );

  test("a link's name fits the kernel's 15 characters", () => {
    expect(vethName("i-0123456789abcdef0")).toBe("v3456789abcdef0");
    expect(vethName("i-0123456789abcdef0")).toHaveLength(15);
  });
});
