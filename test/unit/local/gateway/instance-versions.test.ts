import { expect, test } from "@jest/globals";
import { withVersions } from "../../../../scripts/local/gateway/supplements/instance-versions.js";

const instance = (id: string, version: number) =>
  `<member><InstanceId>${id}</InstanceId><LaunchTemplate><LaunchTemplateId>lt-1</LaunchTemplateId><Version>${version}</Version></LaunchTemplate></member>`;
const group = (...instances: string[]) =>
  `<member><AutoScalingGroupName>g</AutoScalingGroupName><LaunchTemplate><Version>$Latest</Version></LaunchTemplate><Instances>${instances.join("")}</Instances><Tags><member><Key>a</Key></member></Tags></member>`;

test("instances keep the version that they were started from, and the group and the others what the emulator says", () => {
  const xml = `<AutoScalingGroups>${group(instance("i-1", 3), instance("i-2", 3))}${group()}${group(instance("i-3", 3))}</AutoScalingGroups>`;
  const kept = new Map([
    ["i-1", "1"],
    ["i-3", "2"],
  ]);
  expect(withVersions(xml, kept)).toBe(
    `<AutoScalingGroups>${group(instance("i-1", 1), instance("i-2", 3))}${group()}${group(instance("i-3", 2))}</AutoScalingGroups>`,
  );
  expect(withVersions(xml, new Map())).toBe(xml);
});
