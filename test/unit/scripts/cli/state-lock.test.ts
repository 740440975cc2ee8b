import { describe, expect, test } from "@jest/globals";
import {
  explainStateLock,
  findStateLocks,
  stackOfState,
  watchForLock,
} from "../../../../scripts/cli/core/state-lock.js";

/** As cdktf shows it of two stacks at once. */
const LINES = [
  "muster_demo_alpha  ╷",
  "                   │ Error: Error acquiring the state lock",
  "                   │ ",
  "                   │ Error message: operation error S3: PutObject, https response error StatusCode: 412",
  "                   │ Lock Info:",
  "                   │   ID:        7cf082b9-7342-a2a6-bb64-1b4b09def914",
  "                   │   Path:      acme/muster/demo/clusters/alpha.tfstate",
  "                   │   Operation: OperationTypeApply",
  "                   │   Who:       root@runner-1",
  "                   │   Version:   1.11.4",
  "                   │   Created:   2026-11-27 02:00:01.5 +0000 UTC",
  "                   │   Info:      ",
  "                   ╵",
];
const LOCK = {
  id: "7cf082b9-7342-a2a6-bb64-1b4b09def914",
  path: "acme/muster/demo/clusters/alpha.tfstate",
  who: "root@runner-1",
  created: "2026-11-27 02:00:01.5 +0000 UTC",
};

describe("a lock in Terraform's output", () => {
  test("is found once, though cdktf prints it twice", () => {
    expect(findStateLocks([...LINES, ...LINES])).toEqual([LOCK]);
  });

  test("is found beside another stack's", () => {
    const other = LINES.map((line) => line.replace("7cf082b9", "00000000").replace("alpha", "beta"));
    expect(findStateLocks([...LINES, ...other]).map(({ path }) => path)).toEqual([
      LOCK.path,
      "acme/muster/demo/clusters/beta.tfstate",
    ]);
  });

  test.each([
    ["another error", ["│ Error: no such bucket", "│   ID: 1"]],
    ["nothing", []],
  ])("is none in %s", (_name, lines) => {
    expect(findStateLocks(lines)).toEqual([]);
  });

  test("is explained, with the commands of its stack, and not to be removed while a run goes", () => {
    const text = explainStateLock(LOCK, "demo").join("\n");
    for (const part of [LOCK.id, LOCK.who, LOCK.created, "see that no run goes"])
      expect(text).toContain(part);
    expect(text).toContain(
      `terraform -chdir=cdktf.out/stacks/muster_demo_alpha force-unlock -force ${LOCK.id}`,
    );
  });

  test("is remembered behind many other lines, in bounded memory", () => {
    const watch = watchForLock();
    for (let line = 0; line < 10_000; line += 1) watch.hear(`line ${line}`);
    for (const line of LINES) watch.hear(line);
    expect(watch.explain("demo").join("\n")).toContain(LOCK.id);
  });
});

test.each([
  ["b/muster/demo/org.tfstate", "muster_demo"],
  ["b/muster/demo/clusters/alpha.tfstate", "muster_demo_alpha"],
  ["b/muster/demo/images/mpi.tfstate", "muster_demo_image_mpi"],
  ["b/muster/demo/notebooks/ada.tfstate", "muster_demo_notebook_ada"],
  ["b/muster/demo/account.tfstate", null],
  ["b/muster/other/org.tfstate", null],
])("the state %s is of %p", (path, stack) => {
  expect(stackOfState(path, "demo")).toBe(stack);
});
