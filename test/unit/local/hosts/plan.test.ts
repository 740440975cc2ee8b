import { describe, expect, test } from "@jest/globals";
import { type ObservedNode, planNodes } from "../../../../scripts/local/hosts/plan.js";
import type { Instance } from "../../../../scripts/local/hosts/view.js";

const instance = (id: string, isRunning = true): Instance => ({
  id,
  isRunning,
  imageId: "ami-1",
  address: "10.0.0.5",
  privateDnsName: "ip-10-0-0-5.ec2.internal",
  type: "c5.xlarge",
  cpu: { vCpus: 4, threadsPerCore: 2 },
});
const node = (instanceId: string, power: "on" | "off" = "on", isStopped = false): ObservedNode => ({
  instanceId,
  power,
  isStopped,
});

describe("what the hosts do", () => {
  test.each<[string, Instance[], ObservedNode[], { start: string[]; stop: string[]; dead: string[] }]>([
    ["a new instance is started", [instance("a")], [], { start: ["a"], stop: [], dead: [] }],
    ["a pending one is waited for", [instance("a", false)], [], { start: [], stop: [], dead: [] }],
    ["a running node is left alone", [instance("a")], [node("a")], { start: [], stop: [], dead: [] }],
    ["a terminated one is stopped", [], [node("a")], { start: [], stop: ["a"], dead: [] }],
    ["what is left of a dead one goes too", [], [node("a", "off")], { start: [], stop: ["a"], dead: [] }],
    ["a dead one is not revived", [instance("a")], [node("a", "off")], { start: [], stop: [], dead: ["a"] }],
    [
      "a replaced one goes, its successor comes",
      [instance("b"), instance("c")],
      [node("a", "off"), node("b")],
      { start: ["c"], stop: ["a"], dead: [] },
    ],
  ])("%s", (_name, wanted, observed, expected) => {
    const plan = planNodes({ instances: wanted, stopped: [] }, observed);
    expect({ ...plan, start: plan.start.map(({ id }) => id) }).toEqual({ ...expected, halt: [] });
  });

  test.each<[string, Instance[], ObservedNode[], { start: string[]; stop: string[]; halt: string[] }]>([
    [
      "one that is stopped goes off and keeps its disk",
      [],
      [node("s")],
      { start: [], stop: [], halt: ["s"] },
    ],
    ["one that powered itself off does too", [], [node("s", "off")], { start: [], stop: [], halt: ["s"] }],
    ["a stopped one stays", [], [node("s", "off", true)], { start: [], stop: [], halt: [] }],
    [
      "one that is started again boots from its disk",
      [instance("t")],
      [node("t", "off", true)],
      { start: ["t"], stop: [], halt: [] },
    ],
    [
      "a stopped one that is terminated goes",
      [],
      [node("t", "off", true)],
      { start: [], stop: ["t"], halt: [] },
    ],
  ])("%s", (_name, instances, observed, expected) => {
    const plan = planNodes({ instances, stopped: ["s"] }, observed);
    expect({ ...plan, start: plan.start.map(({ id }) => id) }).toEqual({ ...expected, dead: [] });
  });
});
