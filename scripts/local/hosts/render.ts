import type { Cpu, Instance } from "./view.js";

/**
 * /proc/cpuinfo of an instance type, in the order of EC2's Intel types: first each core's first thread, then the
 * second threads.
 */
export function renderCpuinfo(cpu: Cpu): string {
  const cores = Math.max(1, Math.floor(cpu.vCpus / cpu.threadsPerCore));
  const processors = Array.from({ length: cpu.vCpus }, (_unused, index) => [
    `processor\t: ${index}`,
    "vendor_id\t: GenuineIntel",
    "model name\t: Virtual CPU",
    "cpu MHz\t\t: 2500.000",
    "physical id\t: 0",
    `siblings\t: ${cpu.vCpus}`,
    `core id\t\t: ${index % cores}`,
    `cpu cores\t: ${cores}`,
    `apicid\t\t: ${index}`,
    "",
    "",
  ]);
  return processors.map((lines) => lines.join("\n")).join("");
}

/** /etc/hosts with every instance's full and short name. It replaces the VPC's name server. */
export function renderHosts(instances: readonly Instance[]): string {
  const lines = instances.map(
    ({ address, privateDnsName }) => `${address} ${privateDnsName} ${privateDnsName.split(".")[0]}`,
  );
  return ["127.0.0.1 localhost", "::1 localhost ip6-localhost", ...lines.sort(), ""].join("\n");
}
