"""The kernels of notebooks: the MPI kernel, which runs every cell on all ranks of a cluster, and what JupyterLab knows of kernels."""
