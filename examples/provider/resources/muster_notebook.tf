variable "autoscaling_group" {
  description = "Of 0 to 1 instances; declared elsewhere, with changes of desired_capacity and max_size ignored."
  type        = string
}

variable "launch_template" {
  description = "The group's launch template. Its user data gives the agent the kind `notebook`."
  type        = object({ id = string, latest_version = number })
}

resource "muster_cluster" "wind_tunnel" {
  name = "wind-tunnel"
}

resource "muster_notebook" "explore" {
  name              = "explore"
  cluster_uuid      = muster_cluster.wind_tunnel.uuid
  autoscaling_group = var.autoscaling_group
  node_version      = "${var.launch_template.id}/${var.launch_template.latest_version}"

  timeouts {
    create = "15m"
  }
}
