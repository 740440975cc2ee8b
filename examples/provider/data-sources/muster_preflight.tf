variable "subnet_id" { type = string }
variable "image_id" { type = string }

data "muster_preflight" "alpha" {
  cluster         = "alpha"
  nodes           = 16
  instance_types  = ["c5n.18xlarge"]
  efa             = true
  image_id        = var.image_id
  subnet_ids      = [var.subnet_id]
  placement_group = true
  skip            = ["rights"]
}

# A precondition, as a destroy does not look at it: a quota that is too low must not be in its way.
resource "terraform_data" "preflight" {
  lifecycle {
    precondition {
      condition     = length(data.muster_preflight.alpha.problems) == 0
      error_message = join("\n", data.muster_preflight.alpha.problems)
    }
  }
}
