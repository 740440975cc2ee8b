import { describe, expect, test } from "@jest/globals";
import { renderCliConfig } from "../../../scripts/cli/render/cli-config.js";
import { isFittingVersion } from "../../../scripts/setup/terraform.js";

test.each([
  ["1.11.0", true],
  ["1.11.4", true],
  ["1.12.0-beta1", true],
  ["1.10.5", false],
  ["0.15.0", false],
  ["2.0.0", false],
])("Terraform %s fits: %s", (version, fits) => {
  expect(isFittingVersion(version)).toBe(fits);
});

describe("Terraform's CLI configuration", () => {
  test("has both mirrors, and the registry for all else", () => {
    expect(renderCliConfig("/p/dist/terraform-mirror", "/mirrors/aws")).toBe(`disable_checkpoint = true
provider_installation {
  filesystem_mirror {
    path    = "/p/dist/terraform-mirror"
    include = ["registry.terraform.io/muster/muster"]
  }
  filesystem_mirror {
    path    = "/mirrors/aws"
    include = ["registry.terraform.io/hashicorp/aws"]
  }
  direct {
    exclude = ["registry.terraform.io/muster/muster", "registry.terraform.io/hashicorp/aws"]
  }
}
`);
  });

  test("quotes in a path are escaped", () => {
    expect(renderCliConfig('/a "b"', "/m")).toContain(String.raw`path    = "/a \"b\""`);
  });
});
