import { Fn, TerraformResource, Token } from "cdktf";
import { DataMusterPrice, type MusterClusterResource } from "../../provider/bindings/index.js";
import { MOST_PRICE_PER_HOUR } from "../config/budget.js";
import { typesOf } from "../config/fleet.js";
import type { ClusterSettings } from "../config/schema.js";

type Scope = ConstructorParameters<typeof DataMusterPrice>[0];
type Budget = ConstructorParameters<typeof MusterClusterResource>[2]["budget"];

/**
 * The cluster's budget. Where it has a cost and no price, the price of a node's hour is AWS's list price: of the dearest of the
 * cluster's types, as it was when the budget was set or the types changed last.
 */
export function budgetOf(scope: Scope, settings: ClusterSettings): Budget {
  const { budget, name } = settings;
  if (budget?.maxCost === undefined || budget.pricePerHour !== undefined) return budget && { ...budget };
  const instanceTypes = [...typesOf(settings)];
  const { problems, pricePerHour } = new DataMusterPrice(scope, "list-price", { instanceTypes });
  const kept = new KeptPrice(scope, "price", {
    ...{ pricePerHour, instanceTypes },
    errorMessage: `Cluster ${name}: budget.maxCost needs the price of a node's hour, and it is not known:\n${Fn.join("\n", problems)}\nGive budget.pricePerHour (USD), or budget.maxHours instead of maxCost.`,
  });
  return { ...budget, pricePerHour: kept.pricePerHour };
}

interface KeptPriceProps {
  readonly pricePerHour: number;
  readonly instanceTypes: readonly string[];
  readonly errorMessage: string;
}

/**
 * Terraform's own `terraform_data`, which keeps the price in the state: a plan that finds another list price, or none, changes
 * nothing. Other types replace it, and so get their price. CDKTF's class for it would run Terraform at synthesis, to see its version.
 *
 * The condition is about what is kept, and after it: a plan fails where there is no price yet. A destroy only warns.
 */
class KeptPrice extends TerraformResource {
  readonly #attributes: Readonly<Record<string, unknown>>;

  constructor(scope: Scope, id: string, { pricePerHour, instanceTypes, errorMessage }: KeptPriceProps) {
    super(scope, id, {
      terraformResourceType: "terraform_data",
      terraformGeneratorMetadata: { providerName: "terraform" },
      lifecycle: {
        ignoreChanges: ["input"],
        // biome-ignore lint/suspicious/noTemplateCurlyInString: a Terraform reference
        postcondition: [{ condition: "${self.input != null}", errorMessage }],
      },
    });
    this.#attributes = { input: pricePerHour, triggers_replace: instanceTypes };
  }

  /**
   * USD. The input, not the output, which is unknown while the plan makes it. Where there is none, the condition has failed the plan
   * before this counts; but a destroy, which only warns then, goes on to look at the budget, which must have a price.
   */
  get pricePerHour(): number {
    return Token.asNumber(Fn.coalesce([this.getNumberAttribute("input"), MOST_PRICE_PER_HOUR]));
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return { ...this.#attributes };
  }
}
