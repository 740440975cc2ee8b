# Everything that a node may do in the account: its own cluster's registry items, secret, log prefix and folders.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  suffix         = data.aws_partition.current.dns_suffix
  org_parameters = "arn:${data.aws_partition.current.partition}:ssm:${var.region}:${data.aws_caller_identity.current.account_id}:parameter/muster/${var.org}"
  parameters     = "${local.org_parameters}/clusters/${local.uuid}/*"
  own_items = {
    "ForAllValues:StringEquals" = { "dynamodb:LeadingKeys" = ["CLUSTER#${local.uuid}", "USAGE#${local.uuid}"] }
    # ForAllValues is also true of a request without keys.
    Null = { "dynamodb:LeadingKeys" = "false" }
  }
  buckets     = [for name in var.source_buckets : "arn:${data.aws_partition.current.partition}:s3:::${name}"]
  credentials = [for name in var.git_credentials : "${local.org_parameters}/git-credentials/${name}"]
  # What the cluster lists for its jobs: where sources may come from, and the role that jobs get.
  listed = [
    {
      Sid      = "SourceObjects"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:GetObjectVersion"]
      Resource = [for bucket in local.buckets : "${bucket}/*"]
    },
    {
      Sid      = "SourceBuckets"
      Effect   = "Allow"
      Action   = ["s3:ListBucket"]
      Resource = local.buckets
    },
    {
      Sid      = "GitCredentials"
      Effect   = "Allow"
      Action   = ["ssm:GetParameter"]
      Resource = local.credentials
    },
    {
      Sid      = "GitCredentialsKey"
      Effect   = "Allow"
      Action   = ["kms:Decrypt"]
      Resource = [for name in slice(local.credentials, 0, min(1, length(local.credentials))) : local.org.key_arn]
      Condition = {
        StringEquals = { "kms:ViaService" = "ssm.${var.region}.${local.suffix}" }
        StringLike   = { "kms:EncryptionContext:PARAMETER_ARN" = local.credentials }
      }
    },
    {
      Sid      = "OwnJobRole"
      Effect   = "Allow"
      Action   = ["sts:AssumeRole"]
      Resource = compact([var.job_role_arn])
    },
  ]
}

resource "aws_iam_role" "node" {
  name        = "muster-${local.uuid}"
  path        = "/muster/${var.org}/${var.name}/"
  description = "Nodes of the Muster cluster ${var.name} of org ${var.org}"
  tags        = local.tags
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Instances"
      Effect    = "Allow"
      Principal = { Service = "ec2.${local.suffix}" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_instance_profile" "node" {
  name = "muster-${local.uuid}"
  path = "/muster/${var.org}/${var.name}/"
  role = aws_iam_role.node.name
  tags = local.tags
}

resource "aws_iam_role_policy" "node" {
  name = "node"
  role = aws_iam_role.node.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Sid       = "OwnRegistryItems"
        Effect    = "Allow"
        Action    = ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"]
        Resource  = [local.org.registry_table_arn]
        Condition = local.own_items
      },
      {
        Sid       = "OwnJobQueue"
        Effect    = "Allow"
        Action    = ["dynamodb:Query"]
        Resource  = ["${local.org.registry_table_arn}/index/jobs-by-queue"]
        Condition = local.own_items
      },
      {
        Sid       = "RegistryKey"
        Effect    = "Allow"
        Action    = ["kms:Decrypt"]
        Resource  = [local.org.key_arn]
        Condition = { StringEquals = { "kms:ViaService" = "dynamodb.${var.region}.${local.suffix}" } }
      },
      {
        Sid      = "OwnSecret"
        Effect   = "Allow"
        Action   = ["ssm:GetParameter"]
        Resource = [local.parameters]
      },
      {
        Sid      = "SecretKey"
        Effect   = "Allow"
        Action   = ["kms:Decrypt"]
        Resource = [local.org.key_arn]
        Condition = {
          StringEquals = { "kms:ViaService" = "ssm.${var.region}.${local.suffix}" }
          StringLike   = { "kms:EncryptionContext:PARAMETER_ARN" = local.parameters }
        }
      },
      {
        Sid      = "OwnLogs"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject"]
        Resource = ["${local.org.log_bucket_arn}/logs/${local.uuid}/*"]
      },
      {
        Sid      = "OwnBundles"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["${local.org.log_bucket_arn}/sources/${local.uuid}/*"]
      },
      {
        # Which parts of a log are there: an agent that begins anew goes on after them.
        Sid       = "OwnLogList"
        Effect    = "Allow"
        Action    = ["s3:ListBucket"]
        Resource  = [local.org.log_bucket_arn]
        Condition = { StringLike = { "s3:prefix" = "logs/${local.uuid}/*" } }
      },
      {
        Sid       = "LogKey"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = [local.org.key_arn]
        Condition = { StringEquals = { "kms:ViaService" = "s3.${var.region}.${local.suffix}" } }
      },
      {
        Sid      = "OwnFolders"
        Effect   = "Allow"
        Action   = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
        Resource = [local.org.file_system_arn]
        Condition = {
          StringEquals = {
            "elasticfilesystem:AccessPointArn" = [
              aws_efs_access_point.folder["shared"].arn,
              aws_efs_access_point.folder["agents"].arn,
            ]
          }
        }
      },
      {
        # Which instances there are, of which the head has not heard. AWS has no narrower resource for it.
        Sid      = "Groups"
        Effect   = "Allow"
        Action   = ["autoscaling:DescribeAutoScalingGroups"]
        Resource = ["*"]
      },
      {
        # The head parks the cluster, and gives nodes back.
        Sid      = "OwnGroup"
        Effect   = "Allow"
        Action   = ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"]
        Resource = ["arn:${data.aws_partition.current.partition}:autoscaling:${var.region}:${data.aws_caller_identity.current.account_id}:autoScalingGroup:*:autoScalingGroupName/muster-${var.name}-${local.uuid}"]
      },
      {
        # What a lost node has on its console, before it is replaced.
        Sid       = "OwnConsoles"
        Effect    = "Allow"
        Action    = ["ec2:GetConsoleOutput"]
        Resource  = ["arn:${data.aws_partition.current.partition}:ec2:${var.region}:${data.aws_caller_identity.current.account_id}:instance/*"]
        Condition = { StringEquals = { "aws:ResourceTag/muster:cluster" = local.uuid } }
      },
      {
        # What Session Manager's agent needs. AWS knows no narrower resource for it.
        Sid    = "SessionManager"
        Effect = "Allow"
        Action = [
          "ssm:UpdateInstanceInformation",
          "ssmmessages:CreateControlChannel",
          "ssmmessages:CreateDataChannel",
          "ssmmessages:OpenControlChannel",
          "ssmmessages:OpenDataChannel",
        ]
        Resource = ["*"]
      },
    ], [for statement in local.listed : statement if length(statement.Resource) > 0])
  })
}
