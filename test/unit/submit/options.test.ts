import { describe, expect, test } from "@jest/globals";
import { parseSubmit } from "../../../scripts/submit/options.js";

const AWS = { AWS_REGION: "us-east-1" };
const whole = ["--org", "demo", "--cluster", "alpha"];

describe("./scripts/job's options", () => {
  test("the region comes from the environment, or from the option", () => {
    const job = { org: "demo", cluster: "alpha", what: { file: "a.py", args: [] }, json: false };
    expect(parseSubmit([...whole, "a.py"], AWS)).toEqual({ ...job, region: "us-east-1" });
    expect(parseSubmit([...whole, "--region=eu-west-1", "a.py"], AWS)).toEqual({
      ...job,
      region: "eu-west-1",
    });
  });

  test("what follows the file is the script's own, even where it looks like ours", () => {
    expect(parseSubmit([...whole, "a.py", "--json", "-h", "x"], AWS)).toMatchObject({
      what: { file: "a.py", args: ["--json", "-h", "x"] },
      json: false,
    });
  });

  test("a definition of the cluster stands in the file's place", () => {
    expect(parseSubmit([...whole, "--definition", "nightly", "--json"], AWS)).toEqual({
      org: "demo",
      cluster: "alpha",
      region: "us-east-1",
      what: { definition: "nightly" },
      json: true,
    });
    // After a file it is the script's.
    expect(parseSubmit([...whole, "a.py", "--definition", "x"], AWS)).toMatchObject({
      what: { file: "a.py", args: ["--definition", "x"] },
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
    expect(parseSubmit([...whole, "--definition", "No", "a.py"], AWS)).toEqual({
      problems: [
        '--definition is "No": give the definition\'s name',
        "a.py: --definition runs what the cluster keeps, and takes no FILE",
      ],
    });
  });
});
