data "muster_cluster" "wind_tunnel" {
  name = "wind-tunnel"
}

data "muster_job_runs" "failed" {
  cluster_uuid = data.muster_cluster.wind_tunnel.uuid
  status       = "FAILED"
  limit        = 5
}

output "failed" {
  value = { for run in data.muster_job_runs.failed.runs : run.id => run.log_uri }
}
