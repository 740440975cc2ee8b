provider "muster" {
  org    = "acme"
  region = "us-east-1"

  default_tags {
    tags = {
      cost-center = "research"
    }
  }
}
