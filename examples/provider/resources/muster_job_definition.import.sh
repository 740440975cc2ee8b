terraform import muster_job_definition.nightly 6f1c2a54-9a57-4b0e-8d0e-3c1f5b7a9d21/nightly
