import { describe, expect, test } from "@jest/globals";
import * as bindings from "../../../provider/bindings/index.js";
import { bindingDeclarations } from "../../../scripts/library/binding-text.js";

describe("the declarations of the bindings", () => {
  const text = bindingDeclarations(bindings);

  test("have each class, with its props", () => {
    const classes = Object.keys(bindings);
    expect(classes.length).toBeGreaterThan(10);
    for (const name of classes) {
      expect(text).toContain(`export declare class ${name} extends Terraform`);
      expect(text).toContain(`props: ${name}Props);`);
    }
  });

  test("say what is required, what may be left out, and what is only read", () => {
    const [, fleet = ""] = text.split("export interface MusterFleetResourceProps");
    const [props = "", references = ""] = fleet.split("export declare class MusterFleetResource ");
    expect(props).toContain("  readonly nodes: number;\n");
    expect(props).toMatch(
      /@default false\n {3}\*\/\n {2}readonly emptySharedOnDestroy\?: boolean \| IResolvable \| undefined;/,
    );
    expect(props).toContain("readonly timeouts?: { readonly create?: string | undefined;");
    expect(props).not.toContain("readyNodes");
    expect(references).toContain("  readonly readyNodes: number;\n");
  });

  test("fail for a class that no schema made", () => {
    expect(() => bindingDeclarations({ Own: class Own {} })).toThrow("Own of provider/bindings is not made");
  });
});
