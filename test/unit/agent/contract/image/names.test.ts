import { describe, expect, test } from "@jest/globals";
import {
  amiName,
  imageId,
  parseImageId,
  recipeKey,
  reportKey,
  stepKey,
} from "../../../../../agent/contract/image/names.js";

describe("an image's id", () => {
  test.each([
    { family: "mpi", version: "1.4.0", bake: "1f3a9c2b" },
    { family: "mpi-gpu-2", version: "2026.11.27", bake: "00000000" },
    { family: "ab", version: "3", bake: "abcdef01" },
  ])("$family $version is read back", (name) => {
    expect(parseImageId(imageId(name))).toEqual(name);
  });

  test.each(["mpi", "mpi-1.4.0", "mpi-1.4.0-1F3A9C2B", "mpi-01-1f3a9c2b", "-1-1f3a9c2b", "mpi-1-1f3a9c2b/x"])(
    "%s is none",
    (id) => expect(parseImageId(id)).toBeNull(),
  );

  test("makes the longest AMI name fit into EC2's 128 characters", () => {
    const id = imageId({
      family: "f".repeat(32),
      version: Array(4).fill("12345678").join("."),
      bake: "1f3a9c2b",
    });
    expect(amiName("o".repeat(32), id)).toHaveLength(117);
  });

  test("says where things are", () => {
    expect(recipeKey("ab")).toBe("images/recipes/ab.tar");
    expect(reportKey("mpi-1-1f3a9c2b")).toBe("images/builds/mpi-1-1f3a9c2b/report.json");
    expect(stepKey("mpi-1-1f3a9c2b", "01-x")).toBe("images/builds/mpi-1-1f3a9c2b/steps/01-x");
  });
});
