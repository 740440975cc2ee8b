resource "terraform_data" "what_clusters_need" {
  input = "the VPC, the file system, the registry table, ..."
}

resource "muster_teardown_guard" "org" {
  depends_on = [terraform_data.what_clusters_need]
}
