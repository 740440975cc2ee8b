import { expect, test } from "@jest/globals";
import { rankArgv } from "../../../../agent/jobs/rank-command.js";

const RANK = "/usr/lib/muster/rank.py";
const PARENT = "/usr/lib/muster/rank py";

test.each([
  ["ex.py 1", `${PARENT} ${RANK} ex.py 1`],
  ["-u -O ex.py -u", `${PARENT} -u -O ${RANK} ex.py -u`],
  ["-X dev -W error -Wd ex.py", `${PARENT} -X dev -W error -Wd ${RANK} ex.py`],
  ["-c print(1) a", `${PARENT} ${RANK} -c print(1) a`],
  ["-bb -m pkg.mod a", `${PARENT} -bb ${RANK} -m pkg.mod a`],
  ["-m mpi4py ex.py", "py -m mpi4py ex.py"],
  ["-m mpi4py.futures ex.py", "py -m mpi4py.futures ex.py"],
  ["-m mpi4pyx", `${PARENT} ${RANK} -m mpi4pyx`],
  ["-V", "py -V"],
  ["-c", "py -c"],
  ["-u", "py -u"],
  ["-", "py -"],
  ["-i ex.py", "py -i ex.py"],
])("python %s is run as %s", (command, wanted) => {
  expect(rankArgv("py", command.split(" ")).join(" ")).toBe(wanted);
});

test("a job's variables that a shell makes its own come to the rank all the same", () => {
  const environment = { IFS: ",", A: "b", PWD: "/elsewhere" };
  expect(rankArgv("py", ["ex.py"], environment)).toEqual([
    ...["/usr/lib/muster/rank", "/usr/bin/env", "IFS=,", "PWD=/elsewhere", "py", RANK, "ex.py"],
  ]);
});
