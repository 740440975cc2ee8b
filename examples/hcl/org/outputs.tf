# What clusters need from the org: ../cluster reads it from this state.

output "vpc_id" {
  value = aws_vpc.org.id
}

output "private_subnet_ids" {
  value = aws_subnet.private[*].id
}

output "public_subnet_ids" {
  value = aws_subnet.public[*].id
}

output "file_system_clients_group_id" {
  value = aws_security_group.file_system_clients.id
}

# Taken from the mount targets, so that everything that refers to it is created after them and destroyed before them.
output "file_system_id" {
  value = element(aws_efs_mount_target.shared[*].file_system_id, 0)
}

output "file_system_arn" {
  value = aws_efs_file_system.shared.arn
}

output "org_access_point_id" {
  value = aws_efs_access_point.org.id
}

output "org_access_point_arn" {
  value = aws_efs_access_point.org.arn
}

output "log_bucket_name" {
  value = aws_s3_bucket.logs.bucket
}

output "log_bucket_arn" {
  value = aws_s3_bucket.logs.arn
}

output "key_arn" {
  value = aws_kms_key.org.arn
}

output "registry_table_arn" {
  value = aws_dynamodb_table.registry.arn
}
