data "muster_images" "mpi" {
  family  = "mpi"
  regions = ["us-east-1", "us-west-2"]
}

output "newest" {
  value = { for image in data.muster_images.mpi.images : image.region => image.image_id... }
}
