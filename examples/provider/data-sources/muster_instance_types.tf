data "muster_instance_types" "fit" {
  name           = "c*"
  architecture   = "x86_64"
  efa            = true
  min_cores      = 32
  min_memory_mib = 65536

  lifecycle {
    postcondition {
      condition     = self.reason == null
      error_message = "No instance type fits: ${self.reason == null ? "" : self.reason}."
    }
  }
}

output "smallest" {
  value = data.muster_instance_types.fit.names[0]
}
