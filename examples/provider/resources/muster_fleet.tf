variable "autoscaling_group" {
  description = "Declared elsewhere, with changes of desired_capacity and max_size ignored."
  type        = string
}

resource "muster_cluster" "wind_tunnel" {
  name = "wind-tunnel"
}

resource "muster_fleet" "wind_tunnel" {
  cluster_uuid      = muster_cluster.wind_tunnel.uuid
  autoscaling_group = var.autoscaling_group
  nodes             = 4

  timeouts {
    create = "20m"
  }
}

output "addresses" {
  value = muster_fleet.wind_tunnel.addresses
}
