# One cluster of the org. It equals what the ClusterStack makes; a test compares the two.

terraform {
  required_version = ">= 1.11"
  required_providers {
    aws    = { source = "hashicorp/aws", version = "5.100.0" }
    muster = { source = "muster/muster", version = "0.1.0" }
  }
}

variable "org" {
  type    = string
  default = "demo"
}

variable "region" {
  type    = string
  default = "us-east-1"
}

variable "name" {
  description = "The cluster's name, unique in the org."
  type        = string
  default     = "alpha"
}

variable "nodes" {
  type    = number
  default = 2
}

variable "instance_type" {
  description = "A type that can be in a cluster placement group: not burstable, flex or mac."
  type        = string
  default     = "c5.xlarge"
}

variable "source_buckets" {
  description = "S3 buckets that jobs' sources may come from."
  type        = list(string)
  default     = []
}

variable "git_credentials" {
  description = "The org's Git credentials that jobs of this cluster may use, by name."
  type        = list(string)
  default     = []
}

variable "job_role_arn" {
  description = "The ARN of an existing IAM role whose credentials jobs get; null: they have none."
  type        = string
  default     = null
}

variable "tags" {
  description = "The cluster's own tags, for everything that is made for it."
  type        = map(string)
  default     = {}
}

provider "aws" {
  region = var.region
  default_tags {
    tags = { "muster:org" = var.org, "muster:cluster-name" = var.name }
  }
}

provider "muster" {
  org    = var.org
  region = var.region
}

data "terraform_remote_state" "org" {
  backend = "local"
  config  = { path = "${path.module}/../org/terraform.tfstate" }
}

locals {
  org  = data.terraform_remote_state.org.outputs
  uuid = muster_cluster.cluster.uuid
  # On every resource of the cluster, including its instances.
  tags = merge(var.tags, {
    "muster:org"          = var.org
    "muster:cluster"      = local.uuid
    "muster:cluster-name" = var.name
    Name                  = "muster-${var.org}-${var.name}"
  })
}

# The cluster's identity: UUID, registry item, and secret.
resource "muster_cluster" "cluster" {
  name = var.name
  tags = var.tags

  # Its notebooks are in configurations of their own: while one is attached, the plan of a destroy fails.
  refuse_at = "plan"
}

# Sets the group's size, and waits until every node is ready. Terraform destroys it first.
resource "muster_fleet" "nodes" {
  cluster_uuid      = local.uuid
  autoscaling_group = aws_autoscaling_group.nodes.name
  nodes             = var.nodes

  # The cluster's files are deleted with it: nothing is left on the org's file system.
  empty_shared_on_destroy = true

  timeouts {
    create = "30m"
    update = "30m"
    delete = "20m"
  }
}

output "uuid" {
  value = local.uuid
}

output "hostfile" {
  value = muster_cluster.cluster.hostfile
}

output "ready_nodes" {
  value = muster_fleet.nodes.ready_nodes
}

output "cores" {
  value = muster_fleet.nodes.cores
}
