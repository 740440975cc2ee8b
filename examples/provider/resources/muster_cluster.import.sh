terraform import muster_cluster.wind_tunnel 6f1c2a54-9a57-4b0e-8d0e-3c1f5b7a9d21
# Or by its name:
terraform import muster_cluster.wind_tunnel wind-tunnel
