resource "muster_cluster" "wind_tunnel" {
  name = "wind-tunnel"
  tags = {
    team = "cfd"
  }
}

output "hostfile" {
  value = muster_cluster.wind_tunnel.hostfile
}
