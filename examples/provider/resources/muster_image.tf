variable "builder" {
  description = "What the builder runs with; declared elsewhere."
  type = object({
    bucket             = string
    subnet_id          = string
    security_group_ids = set(string)
    instance_profile   = string
  })
}

resource "muster_image" "mpi" {
  family   = "mpi"
  version  = "1.4.0"
  packages = ["gdb"]
  steps = [{
    name   = "welcome"
    script = "echo 'Welcome to the wind tunnel' >/etc/motd"
  }]

  regions  = ["us-east-2", "us-west-2"]
  accounts = ["123456789012"]

  bucket             = var.builder.bucket
  subnet_id          = var.builder.subnet_id
  security_group_ids = var.builder.security_group_ids
  instance_profile   = var.builder.instance_profile

  lifecycle {
    create_before_destroy = true
  }
}

output "not_shared" {
  value = [for share in muster_image.mpi.shares : share if share.status != "SHARED"]
}
