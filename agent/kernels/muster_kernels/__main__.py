"""Starts an MPI kernel: `python -P -m muster_kernels -f CONNECTION_FILE`."""

from ipykernel.kernelapp import IPKernelApp

from .kernel import MpiKernel

if __name__ == "__main__":
    IPKernelApp.launch_instance(kernel_class=MpiKernel)
