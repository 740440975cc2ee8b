import { describe, expect, test } from "@jest/globals";
import { parseSubmit } from "../../../scripts/submit/options.js";

const AWS = { AWS_REGION: "us-east-1" };
const whole = ["--org", "demo", "--cluster", "alpha"];

describe("./scripts/job's options", () => {
  test("the region comes from the environment, or from the option", () => {
    const job = { org: "demo", cluster: "alpha", file: "a.py", args: [], json: false };
    expect(parseSubmit([...whole, "a.py"], AWS)).toEqual({ ...job, region: "us-east-1" });
    expect(parseSubmit([...whole, "--region=eu-west-1", "a.py"], AWS)).toEqual({
      ...job,
      region: "eu-west-1",
    });
  });

  test("what follows the file is the script's own, even where it looks like ours", () => {
    expect(parseSubmit([...whole, "a.py", "--json", "-h", "x"], AWS)).toMatchObject({
      file: "a.py",
      args: ["--json", "-h", "x"],
      json: false,
    });
  });

  test("help is help, whatever else is missing", () => {
    expect(parseSubmit(["--help"], {})).toBe("help");
  });

  test("fails with every problem at once", () => {
    expect(parseSubmit(["--org", "No", "--node", "a.py"], {})).toEqual({
      problems: [
        "unknown option --node",
        '--org is "No": give the org\'s name',
        '--cluster is "": give the cluster\'s name',
        "the region is missing: give --region, or set AWS_REGION",
      ],
    });
    expect(parseSubmit(whole, AWS)).toEqual({ problems: ["the Python file is missing"] });
  });
});
