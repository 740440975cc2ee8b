data "muster_cluster" "wind_tunnel" {
  name = "wind-tunnel"
}

ephemeral "muster_token" "reader" {
  cluster_uuid = data.muster_cluster.wind_tunnel.uuid
  role         = "reader"
}

resource "terraform_data" "dashboard" {
  provisioner "local-exec" {
    command = "./configure-dashboard"
    environment = {
      MUSTER_TOKEN = ephemeral.muster_token.reader.token
    }
  }
}
