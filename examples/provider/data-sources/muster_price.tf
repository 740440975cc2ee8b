data "muster_price" "nodes" {
  instance_types = ["c5.xlarge"]
}

# The state keeps the price, so that another list price, or a list that does not answer, changes no plan. Another type gets its price.
resource "terraform_data" "price" {
  input            = data.muster_price.nodes.price_per_hour
  triggers_replace = ["c5.xlarge"]
  lifecycle {
    ignore_changes = [input]
    postcondition {
      condition     = self.input != null
      error_message = "No price: ${join("\n", data.muster_price.nodes.problems)}"
    }
  }
}

resource "muster_cluster" "alpha" {
  name = "alpha"
  budget = {
    max_cost = 80
    # Without a price, the condition above fails a plan before this counts. Only a destroy gets here, and it looks at the budget too.
    price_per_hour = coalesce(terraform_data.price.input, 10000)
  }
}
