import { expect, test } from "@jest/globals";
import { countCores } from "../../../../agent/node/cores.js";

const processor = (index: number, physicalId: number, coreId: number) =>
  `processor\t: ${index}\nmodel name\t: Some CPU @ 3.0GHz\nphysical id\t: ${physicalId}\nsiblings\t: 4\ncore id\t\t: ${coreId}\ncpu cores\t: 2\n`;
const join = (...processors: string[]) => `${processors.join("\n")}\n`;

test.each([
  [
    "two threads per core",
    join(processor(0, 0, 0), processor(1, 0, 1), processor(2, 0, 0), processor(3, 0, 1)),
    2,
  ],
  ["two sockets with the same core ids", join(processor(0, 0, 0), processor(1, 1, 0)), 2],
  ["core ids with gaps", join(processor(0, 0, 0), processor(1, 0, 4), processor(2, 0, 9)), 3],
  ["one processor", join(processor(0, 0, 0)), 1],
  ["no core ids (arm64)", "processor\t: 0\nBogoMIPS\t: 243.75\n\nprocessor\t: 1\nBogoMIPS\t: 243.75\n\n", 2],
  ["a trailer that is not a processor", `${join(processor(0, 0, 0))}\nHardware\t: x\n`, 1],
])("%s", (_name, text, cores) => {
  expect(countCores(text)).toBe(cores);
});

test("fails where no processor is listed", () => {
  expect(() => countCores("")).toThrow("lists no processor");
});
