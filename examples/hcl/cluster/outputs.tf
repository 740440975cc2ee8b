# What the cluster's notebooks need of it.

output "node_role_name" {
  value = aws_iam_role.node.name
}

output "node_security_group_id" {
  value = aws_security_group.nodes.id
}

output "autoscaling_group" {
  value = aws_autoscaling_group.nodes.name
}

output "shared_access_point_id" {
  value = aws_efs_access_point.folder["shared"].id
}

output "shared_access_point_arn" {
  value = aws_efs_access_point.folder["shared"].arn
}

output "agents_access_point_id" {
  value = aws_efs_access_point.folder["agents"].id
}

output "agents_access_point_arn" {
  value = aws_efs_access_point.folder["agents"].arn
}
