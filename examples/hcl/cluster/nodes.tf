# What nodes are made of: image, launch template, placement group, Auto Scaling group, folders, security group.

# The newest of your own AMIs with the tag muster:image = mpi.
data "aws_ami" "node" {
  owners      = ["self"]
  most_recent = true
  filter {
    name   = "tag:muster:image"
    values = ["mpi"]
  }
}

data "aws_ec2_instance_type" "node" {
  instance_type = var.instance_type
}

# The cluster's folders on the org's file system. Nodes mount `shared` at /shared, as the image's job user. Only the agents
# use `agents`.
resource "aws_efs_access_point" "folder" {
  for_each = {
    shared = { owner = 1500, permissions = "0755" }
    agents = { owner = 1501, permissions = "0700" }
  }
  file_system_id = local.org.file_system_id
  posix_user {
    uid = each.value.owner
    gid = each.value.owner
  }
  root_directory {
    path = "/clusters/${local.uuid}/${each.key}"
    creation_info {
      owner_uid   = each.value.owner
      owner_gid   = each.value.owner
      permissions = each.value.permissions
    }
  }
  tags = merge(local.tags, { Name = "${local.tags.Name}-${each.key}" })
}

# Nodes talk to each other, over any protocol, and to the outside. Nothing else comes in.
resource "aws_security_group" "nodes" {
  name        = "muster-${var.org}-${var.name}-${local.uuid}"
  description = "Nodes of the Muster cluster ${var.name} of org ${var.org}: each other, and outward"
  vpc_id      = local.org.vpc_id
  tags        = local.tags
}

resource "aws_vpc_security_group_ingress_rule" "from_nodes" {
  description                  = "All traffic from the nodes of the cluster, EFA included"
  security_group_id            = aws_security_group.nodes.id
  referenced_security_group_id = aws_security_group.nodes.id
  ip_protocol                  = "-1"
  tags                         = local.tags
}

# EFA traffic is not IP: a rule for 0.0.0.0/0 does not let it out, but a rule for the group does.
resource "aws_vpc_security_group_egress_rule" "to_nodes" {
  description                  = "All traffic to the nodes of the cluster, EFA included"
  security_group_id            = aws_security_group.nodes.id
  referenced_security_group_id = aws_security_group.nodes.id
  ip_protocol                  = "-1"
  tags                         = local.tags
}

resource "aws_vpc_security_group_egress_rule" "outward" {
  description       = "Outward: AWS, package indexes, sources"
  security_group_id = aws_security_group.nodes.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
  tags              = local.tags
}

resource "aws_launch_template" "node" {
  name                   = "muster-${var.name}-${local.uuid}"
  update_default_version = true
  image_id               = data.aws_ami.node.id
  instance_type          = var.instance_type
  vpc_security_group_ids = [aws_security_group.nodes.id, local.org.file_system_clients_group_id]

  # What the agent can't learn from the instance. It holds no secret.
  user_data = base64encode(templatefile("${path.module}/user-data.sh.tftpl", {
    config = { for key, value in {
      org                 = var.org
      clusterUuid         = local.uuid
      clusterName         = var.name
      kind                = "worker"
      runtime             = "mpich"
      fileSystemId        = local.org.file_system_id
      accessPointId       = aws_efs_access_point.folder["shared"].id
      agentsAccessPointId = aws_efs_access_point.folder["agents"].id
      logBucket           = local.org.log_bucket_name
      # When a failing node is replaced.
      replacement = { afterSeconds = 300, bootSeconds = 900 }
      jobRoleArn  = var.job_role_arn
    } : key => value if value != null }
  }))

  iam_instance_profile {
    # The name, not a reference: AWS takes seconds to create a profile, and the template need not wait for it.
    name = "muster-${local.uuid}"
  }

  # Credentials only by IMDSv2, and not for containers.
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  block_device_mappings {
    device_name = data.aws_ami.node.root_device_name
    ebs {
      encrypted             = true
      volume_type           = "gp3"
      volume_size           = 30
      delete_on_termination = true
    }
  }

  dynamic "tag_specifications" {
    for_each = ["instance", "volume", "network-interface"]
    content {
      resource_type = tag_specifications.value
      tags          = local.tags
    }
  }
  tags = local.tags

  lifecycle {
    precondition {
      condition     = contains(data.aws_ec2_instance_type.node.supported_architectures, data.aws_ami.node.architecture)
      error_message = "Instance type ${var.instance_type} does not run the image ${data.aws_ami.node.id} (${data.aws_ami.node.architecture}): choose another."
    }
  }
}

resource "aws_placement_group" "nodes" {
  name     = "muster-${var.name}-${local.uuid}"
  strategy = "cluster"
  tags     = local.tags
}

resource "aws_autoscaling_group" "nodes" {
  name = "muster-${var.name}-${local.uuid}"
  # The fleet sets the size, waits for the nodes and drains them: Terraform does none of this here.
  min_size                  = 0
  max_size                  = var.nodes
  wait_for_capacity_timeout = "0"
  vpc_zone_identifier       = [local.org.private_subnet_ids[0]]
  placement_group           = aws_placement_group.nodes.name
  health_check_type         = "EC2"
  # It would terminate healthy nodes to balance zones, but there is only one zone.
  suspended_processes = ["AZRebalance"]

  launch_template {
    id      = aws_launch_template.node.id
    version = aws_launch_template.node.latest_version
  }

  dynamic "tag" {
    for_each = local.tags
    content {
      key                 = tag.key
      value               = tag.value
      propagate_at_launch = true
    }
  }

  lifecycle {
    ignore_changes = [desired_capacity, max_size]
  }

  # They exist before the first node starts, and until the last has terminated.
  depends_on = [
    aws_iam_role_policy.node,
    aws_iam_instance_profile.node,
    aws_vpc_security_group_ingress_rule.from_nodes,
    aws_vpc_security_group_egress_rule.to_nodes,
    aws_vpc_security_group_egress_rule.outward,
  ]
}
