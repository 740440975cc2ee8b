data "muster_clusters" "failed" {
  status = "FAILED"
}

output "failed" {
  value = { for cluster in data.muster_clusters.failed.clusters : cluster.name => cluster.reason }
}
