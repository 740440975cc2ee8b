data "muster_usage" "november" {
  month = "2026-11"
  by    = "cluster"
}

output "node_hours" {
  value = { for row in data.muster_usage.november.rows : row.key => row.minutes / 60 }
}
