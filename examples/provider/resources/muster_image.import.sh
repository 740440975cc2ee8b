terraform import muster_image.mpi mpi-1.4.0-1f3a9c2b
