data "muster_cluster" "wind_tunnel" {
  name = "wind-tunnel"
}

output "nodes" {
  value = "${data.muster_cluster.wind_tunnel.status}: ${data.muster_cluster.wind_tunnel.cores} cores"
}
