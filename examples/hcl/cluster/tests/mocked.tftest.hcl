# The cluster with mocked providers: no AWS, no credentials.

mock_provider "muster" {
  # Other resources check that it is a UUID.
  mock_resource "muster_cluster" {
    defaults = {
      uuid = "6f1c2a54-9a57-4b0e-8d0e-3c1f5b7a9d21"
    }
  }
}

mock_provider "aws" {
  # The Auto Scaling group checks its form.
  mock_resource "aws_launch_template" {
    defaults = {
      id = "lt-0123456789abcdef0"
    }
  }
  mock_data "aws_ami" {
    defaults = {
      id               = "ami-0123456789abcdef0"
      architecture     = "x86_64"
      root_device_name = "/dev/xvda"
    }
  }
  mock_data "aws_ec2_instance_type" {
    defaults = {
      supported_architectures = ["x86_64"]
    }
  }
}

override_data {
  target = data.terraform_remote_state.org
  values = {
    outputs = {
      vpc_id                       = "vpc-0123456789abcdef0"
      private_subnet_ids           = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
      file_system_clients_group_id = "sg-0123456789abcdef0"
      file_system_id               = "fs-0123456789abcdef0"
      file_system_arn              = "arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/fs-0123456789abcdef0"
      log_bucket_name              = "muster-demo-logs-1"
      log_bucket_arn               = "arn:aws:s3:::muster-demo-logs-1"
      key_arn                      = "arn:aws:kms:us-east-1:123456789012:key/6f1c2a54-9a57-4b0e-8d0e-3c1f5b7a9d21"
      registry_table_arn           = "arn:aws:dynamodb:us-east-1:123456789012:table/muster-demo-registry"
    }
  }
}

run "cluster" {
  variables {
    nodes = 3
  }

  assert {
    condition     = muster_fleet.nodes.nodes == 3
    error_message = "The fleet has another size than it was given."
  }

  assert {
    condition     = strcontains(base64decode(aws_launch_template.node.user_data), muster_cluster.cluster.uuid)
    error_message = "The user data does not name the cluster."
  }

  assert {
    condition     = !strcontains(aws_iam_role_policy.node.policy, "sts:AssumeRole") && !strcontains(base64decode(aws_launch_template.node.user_data), "jobRoleArn")
    error_message = "Without a job role there is one."
  }
}

run "job_role" {
  variables {
    job_role_arn = "arn:aws:iam::123456789012:role/research-jobs"
  }

  assert {
    condition     = strcontains(aws_iam_role_policy.node.policy, "\"Action\":[\"sts:AssumeRole\"],\"Effect\":\"Allow\",\"Resource\":[\"${var.job_role_arn}\"]")
    error_message = "The nodes may not assume the job role."
  }

  assert {
    condition     = strcontains(base64decode(aws_launch_template.node.user_data), "\"jobRoleArn\":\"${var.job_role_arn}\"")
    error_message = "The user data does not name the job role."
  }
}
