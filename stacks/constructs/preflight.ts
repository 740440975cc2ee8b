import { Fn, type TerraformResourceLifecycle } from "cdktf";
import { DataMusterPreflight } from "../../provider/bindings/index.js";
import type { PreflightSettings } from "../config/preflight.js";

type Preconditions = NonNullable<TerraformResourceLifecycle["precondition"]>;
type Scope = ConstructorParameters<typeof DataMusterPreflight>[0];
type Asked = Omit<ConstructorParameters<typeof DataMusterPreflight>[2], "skip">;

/**
 * Fails the plan with every problem at once, before anything is made. None where the settings say so. A precondition, as a data
 * source that fails would also stop a destroy.
 */
export function preflightOf(scope: Scope, asked: Asked, settings: PreflightSettings): Preconditions {
  if (!settings.enabled) return [];
  const { fqn, problems } = new DataMusterPreflight(scope, "preflight", {
    ...asked,
    ...(settings.skip.length === 0 ? {} : { skip: settings.skip }),
  });
  return [
    {
      condition: `\${length(${fqn}.problems) == 0}`,
      errorMessage: `The preflight has found what this would fail of:\n${Fn.join("\n", problems)}\nCorrect each, or skip its check by name (preflight.skip).`,
    },
  ];
}
