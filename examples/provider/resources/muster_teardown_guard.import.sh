terraform import muster_teardown_guard.org acme/us-east-1
