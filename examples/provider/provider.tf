provider "muster" {
  org    = "acme"
  region = "us-east-1"
}
