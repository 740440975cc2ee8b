data "muster_cluster" "wind_tunnel" {
  name = "wind-tunnel"
}

data "muster_jobs" "failed" {
  cluster_uuid = data.muster_cluster.wind_tunnel.uuid
  status       = "FAILED"
  limit        = 5
}

output "failed" {
  value = { for job in data.muster_jobs.failed.jobs : job.id => job.log_uri }
}
