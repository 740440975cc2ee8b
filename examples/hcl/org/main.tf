# What the clusters of one org share in one region. It equals what the OrgStack makes; a test compares the two.

terraform {
  required_version = ">= 1.11"
  required_providers {
    aws    = { source = "hashicorp/aws", version = "5.100.0" }
    muster = { source = "muster/muster", version = "0.1.0" }
  }
}

variable "org" {
  description = "The org's name: 2-32 lower-case letters, digits and hyphens. It is part of the names of all shared resources."
  type        = string
  default     = "demo"
}

variable "region" {
  type    = string
  default = "us-east-1"
}

variable "cidr" {
  description = "The VPC's private range, /16 to /24. A quarter of it is for the nodes of one zone."
  type        = string
  default     = "10.20.0.0/16"
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  name    = "muster-${var.org}"
  account = data.aws_caller_identity.current.account_id
  # AWS's log delivery, for this account in this region.
  log_delivery = {
    StringEquals = { "aws:SourceAccount" = local.account }
    ArnLike      = { "aws:SourceArn" = "arn:${data.aws_partition.current.partition}:logs:${var.region}:${local.account}:*" }
  }
}

provider "aws" {
  region = var.region
  # The leftover check and the provider's permissions use this tag.
  default_tags {
    tags = { "muster:org" = var.org }
  }
}

provider "muster" {
  org    = var.org
  region = var.region
}

# Depends on everything else, so Terraform destroys it first. It refuses while the org has a cluster.
resource "muster_teardown_guard" "org" {
  refuse_at = "plan"
  depends_on = [
    aws_kms_alias.org,
    aws_default_security_group.none,
    aws_route.public_out,
    aws_route.private_out,
    aws_route_table_association.public,
    aws_route_table_association.private,
    aws_vpc_endpoint.gateway,
    aws_vpc_security_group_ingress_rule.nfs,
    aws_dynamodb_table.registry,
    aws_s3_bucket_versioning.logs,
    aws_s3_bucket_server_side_encryption_configuration.logs,
    aws_s3_bucket_ownership_controls.logs,
    aws_s3_bucket_policy.logs,
    aws_flow_log.rejected,
    aws_efs_file_system_policy.tls_only,
    aws_efs_access_point.org,
  ]
}
