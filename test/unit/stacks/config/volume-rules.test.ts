import { expect, test } from "@jest/globals";
import { volumeProblems } from "../../../../stacks/config/volume-rules.js";

type Volume = NonNullable<Parameters<typeof volumeProblems>[0]["rootVolume"]>;

test.each<[number | undefined, Volume | undefined, string[]]>([
  [30, undefined, []],
  [30, {}, []],
  [30, { iops: 3_000 }, []],
  [30, { iops: 2_999 }, ["iops: got 2999; allowed: for gp3 3000 and more"]],
  [30, { iops: 15_000 }, []],
  [30, { iops: 15_001 }, ["iops: got 15001; allowed: for gp3 of 30 GiB at most 15000; raise rootVolumeGiB"]],
  [undefined, { iops: 80_000 }, []],
  // gp3 has 3,000 whatever its size.
  [1, { iops: 3_000 }, []],
  [30, { type: "io2", iops: 30_000 }, []],
  [
    30,
    { type: "io2", iops: 30_001 },
    ["iops: got 30001; allowed: for io2 of 30 GiB at most 30000; raise rootVolumeGiB"],
  ],
  [30, { type: "io2" }, ["iops: is missing; needed with type io2: operations a second"]],
  [1, { type: "io2", iops: 1_000 }, []],
  [
    1,
    { type: "io2", iops: 2_000 },
    ["iops: got 2000; allowed: for io2 of 1 GiB at most 1000; raise rootVolumeGiB"],
  ],
  [30, { throughputMiBps: 750 }, []],
  [30, { throughputMiBps: 751 }, ["throughputMiBps: got 751; allowed: at most a quarter of iops, 750"]],
  [30, { iops: 4_000, throughputMiBps: 1_000 }, []],
  [
    30,
    { iops: 3_996, throughputMiBps: 1_000 },
    ["throughputMiBps: got 1000; allowed: at most a quarter of iops, 999"],
  ],
  [
    30,
    { type: "io2", iops: 30_000, throughputMiBps: 100 },
    ["throughputMiBps: got 100; allowed: only for gp3"],
  ],
])("a root volume of %p GiB as %j: %j", (rootVolumeGiB, rootVolume, expected) => {
  const problems = volumeProblems({
    ...(rootVolumeGiB === undefined ? {} : { rootVolumeGiB }),
    ...(rootVolume === undefined ? {} : { rootVolume }),
  });
  expect(problems.map(({ path, message }) => `${path.at(-1)}: ${message}`)).toEqual(expected);
});
