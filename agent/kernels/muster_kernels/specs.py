"""What JupyterLab calls the kernels of the image: "MPI: all cores of CLUSTER" with the cluster's name."""

import os

from jupyter_client.kernelspec import KernelSpecManager

CLUSTER_VARIABLE = "MUSTER_CLUSTER_NAME"


class KernelSpecs(KernelSpecManager):
    """Jupyter's own, with CLUSTER in a name replaced by the environment's MUSTER_CLUSTER_NAME."""

    def get_kernel_spec(self, kernel_name):
        spec = super().get_kernel_spec(kernel_name)
        spec.display_name = spec.display_name.replace("CLUSTER", os.environ.get(CLUSTER_VARIABLE, "the cluster"))
        return spec

    def get_all_specs(self):
        specs = super().get_all_specs()
        for name, entry in specs.items():
            entry["spec"] = self.get_kernel_spec(name).to_dict()
        return specs
