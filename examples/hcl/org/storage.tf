# The org's key, and what is encrypted with it: registry, logs, files.

resource "aws_kms_key" "org" {
  description             = "Muster org ${var.org}: files, logs, registry, secrets"
  enable_key_rotation     = true
  deletion_window_in_days = 7
  tags                    = { Name = local.name }
  # AWS's default, by which IAM in this account decides, and what delivers the network's flow log.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "ByIam"
        Effect    = "Allow"
        Principal = { AWS = "arn:${data.aws_partition.current.partition}:iam::${local.account}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "FlowLogs"
        Effect    = "Allow"
        Principal = { Service = "delivery.logs.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = "*"
        Condition = local.log_delivery
      },
    ]
  })
}

# The provider finds the key by this alias: clusters' secrets are encrypted with it.
resource "aws_kms_alias" "org" {
  name          = "alias/${local.name}"
  target_key_id = aws_kms_key.org.key_id
}

# The registry: clusters, nodes and jobs. Provider and agents find it by its name.
resource "aws_dynamodb_table" "registry" {
  name         = "${local.name}-registry"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "pk"
  range_key    = "sk"

  dynamic "attribute" {
    for_each = ["pk", "sk", "clusterStatus", "queue", "submittedAt", "month"]
    content {
      name = attribute.value
      type = "S"
    }
  }

  # Clusters of the org, by status: their keys alone.
  global_secondary_index {
    name            = "clusters-by-status"
    hash_key        = "clusterStatus"
    range_key       = "pk"
    projection_type = "KEYS_ONLY"
  }

  # A cluster's jobs that have not ended, the oldest first.
  global_secondary_index {
    name               = "jobs-by-queue"
    hash_key           = "queue"
    range_key          = "submittedAt"
    projection_type    = "INCLUDE"
    non_key_attributes = ["id", "status", "phase", "leaseGeneration", "cancelRequested"]
  }

  # The org's usage records, by month.
  global_secondary_index {
    name               = "usage-by-month"
    hash_key           = "month"
    range_key          = "pk"
    projection_type    = "INCLUDE"
    non_key_attributes = ["clusterUuid", "clusterName", "instanceType", "nodes", "from", "to", "jobId", "submittedBy"]
  }

  # Clusters' events go after 30 days.
  ttl {
    attribute_name = "expiresAtSeconds"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = aws_kms_key.org.arn
  }

  tags = { Name = "${local.name}-registry" }
}

# Jobs' logs. They are deleted with the org: set force_destroy to false to keep them.
resource "aws_s3_bucket" "logs" {
  bucket_prefix = "${substr("${local.name}-logs", 0, 36)}-"
  force_destroy = true
  tags          = { Name = "${local.name}-logs" }
}

resource "aws_s3_bucket_versioning" "logs" {
  bucket = aws_s3_bucket.logs.bucket
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "logs" {
  bucket = aws_s3_bucket.logs.bucket
  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.org.arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "logs" {
  bucket                  = aws_s3_bucket.logs.bucket
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "logs" {
  bucket = aws_s3_bucket.logs.bucket
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.bucket
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [aws_s3_bucket.logs.arn, "${aws_s3_bucket.logs.arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      # Were these missing, AWS would add them by itself, and each plan would take them away again.
      {
        Sid       = "FlowLogs"
        Effect    = "Allow"
        Principal = { Service = "delivery.logs.amazonaws.com" }
        Action    = "s3:PutObject"
        Resource  = "${aws_s3_bucket.logs.arn}/AWSLogs/${local.account}/*"
        Condition = local.log_delivery
      },
      {
        Sid       = "FlowLogsAcl"
        Effect    = "Allow"
        Principal = { Service = "delivery.logs.amazonaws.com" }
        Action    = "s3:GetBucketAcl"
        Resource  = aws_s3_bucket.logs.arn
        Condition = local.log_delivery
      },
    ]
  })
  # S3 refuses two changes of a bucket's access at once.
  depends_on = [aws_s3_bucket_public_access_block.logs]
}

# What the network refuses, in the log bucket.
resource "aws_flow_log" "rejected" {
  vpc_id               = aws_vpc.org.id
  traffic_type         = "REJECT"
  log_destination_type = "s3"
  log_destination      = aws_s3_bucket.logs.arn
  tags                 = { Name = local.name }
  depends_on           = [aws_s3_bucket_policy.logs]
}

# The shared file system. Each cluster has its own folders on it, through its own access points.
resource "aws_efs_file_system" "shared" {
  encrypted       = true
  kms_key_id      = aws_kms_key.org.arn
  throughput_mode = "elastic"
  tags            = { Name = local.name }
}

# With this policy the file system admits only clients whose role allows it.
resource "aws_efs_file_system_policy" "tls_only" {
  file_system_id = aws_efs_file_system.shared.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TlsOnly"
      Effect    = "Deny"
      Principal = { AWS = "*" }
      Action    = "*"
      Resource  = aws_efs_file_system.shared.arn
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}

resource "aws_efs_mount_target" "shared" {
  count           = 2
  file_system_id  = aws_efs_file_system.shared.id
  subnet_id       = aws_subnet.private[count.index].id
  security_groups = [aws_security_group.file_system.id]
}

# The folder that clusters share by choice, as the image's job user.
resource "aws_efs_access_point" "org" {
  file_system_id = aws_efs_mount_target.shared[0].file_system_id
  posix_user {
    uid = 1500
    gid = 1500
  }
  root_directory {
    path = "/org"
    creation_info {
      owner_uid   = 1500
      owner_gid   = 1500
      permissions = "0755"
    }
  }
  tags       = { Name = "${local.name}-org" }
  depends_on = [aws_efs_mount_target.shared]
}

# Who may reach the file system: members of the clients' group, over NFS.
resource "aws_security_group" "file_system" {
  name        = "${local.name}-file-system"
  description = "Shared file system: NFS from the nodes"
  vpc_id      = aws_vpc.org.id
  tags        = { Name = "${local.name}-file-system" }
}

resource "aws_security_group" "file_system_clients" {
  name        = "${local.name}-file-system-clients"
  description = "May reach the shared file system; members not each other"
  vpc_id      = aws_vpc.org.id
  tags        = { Name = "${local.name}-file-system-clients" }
}

resource "aws_vpc_security_group_ingress_rule" "nfs" {
  description                  = "NFS from the nodes of clusters"
  security_group_id            = aws_security_group.file_system.id
  referenced_security_group_id = aws_security_group.file_system_clients.id
  ip_protocol                  = "tcp"
  from_port                    = 2049
  to_port                      = 2049
}
