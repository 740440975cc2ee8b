import { expect, test } from "@jest/globals";
import { rankArguments } from "../../../../agent/jobs/rank-command.js";

const RANK = "/usr/lib/muster/rank.py";

test.each([
  ["ex.py 1", `${RANK} ex.py 1`],
  ["-u -O ex.py -u", `-u -O ${RANK} ex.py -u`],
  ["-X dev -W error -Wd ex.py", `-X dev -W error -Wd ${RANK} ex.py`],
  ["-c print(1) a", `${RANK} -c print(1) a`],
  ["-bb -m pkg.mod a", `-bb ${RANK} -m pkg.mod a`],
  ["-m mpi4py ex.py", "-m mpi4py ex.py"],
  ["-m mpi4py.futures ex.py", "-m mpi4py.futures ex.py"],
  ["-m mpi4pyx", `${RANK} -m mpi4pyx`],
  ["-V", "-V"],
  ["-c", "-c"],
  ["-u", "-u"],
  ["-", "-"],
  ["-i ex.py", "-i ex.py"],
])("python %s is run as python %s", (command, wanted) => {
  expect(rankArguments(command.split(" ")).join(" ")).toBe(wanted);
});
