variable "autoscaling_group" {
  description = "Declared elsewhere, with changes of desired_capacity and max_size ignored."
  type        = string
}

resource "muster_cluster" "wind_tunnel" {
  name = "wind-tunnel"
}

resource "muster_fleet" "wind_tunnel" {
  cluster_uuid      = muster_cluster.wind_tunnel.uuid
  autoscaling_group = var.autoscaling_group
  nodes             = 4
}

# This apply submits it as a job, and so does each later apply that changes it.
resource "muster_job_definition" "mesh" {
  cluster_uuid = muster_cluster.wind_tunnel.uuid
  name         = "mesh"
  command      = ["mesh.py", "--cells", "1000000"]
  script = {
    name    = "mesh.py"
    content = <<-PYTHON
      from mpi4py import MPI
      print("cells on rank", MPI.COMM_WORLD.rank)
    PYTHON
  }
  timeout    = "30m"
  triggers   = { geometry = "2026-01" }
  depends_on = [muster_fleet.wind_tunnel]
}

# Its jobs come from a repository. They start each weekday morning, and by hand:
# ./scripts/muster job run --org ORG --cluster wind-tunnel --definition nightly
resource "muster_job_definition" "nightly" {
  cluster_uuid       = muster_cluster.wind_tunnel.uuid
  name               = "nightly"
  command            = ["nightly.py", "--all"]
  source             = { git = { url = "https://github.com/acme/models", reference = "main" } }
  requirements       = "requirements.txt"
  setup              = { command = ["/bin/sh", "-c", "make -C kernels"], timeout = "15m" }
  environment        = { OMP_NUM_THREADS = "1" }
  processes_per_node = 2
  on_bad_node        = "continue"
  retries            = { count = 2, delay = "1m", on = ["node-loss", "timed-out"] }
  timeout            = "2h"
  job_timeout        = "5h"
  schedule           = { cron = "30 6 * * 1-5", time_zone = "Europe/Berlin", if_running = "skip" }
  run                = "manual"
}

output "mesh_log" {
  value = muster_job_definition.mesh.job_log_uri
}
