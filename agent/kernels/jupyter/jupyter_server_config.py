# JupyterLab's settings on a notebook's node. What must not be otherwise is in muster-jupyter.service's command line, which comes before any
# file; a user's own settings are in ~/.jupyter.
import os

c = get_config()  # noqa: F821
home = os.environ["HOME"]
idle_seconds = int(os.environ["MUSTER_NOTEBOOK_CULL_SECONDS"])

c.ServerApp.root_dir = home
c.ServerApp.preferred_dir = home
c.ServerApp.open_browser = False
c.ServerApp.kernel_spec_manager_class = "muster_kernels.specs.KernelSpecs"
c.ServerApp.terminado_settings = {"shell_command": ["/bin/bash"]}
c.ServerApp.allow_external_kernels = False

# An open tab is no activity; a cell that runs is, however silent.
c.MappingKernelManager.cull_idle_timeout = idle_seconds
c.MappingKernelManager.cull_interval = max(1, min(60, idle_seconds // 4))
c.MappingKernelManager.cull_busy = False
c.MappingKernelManager.cull_connected = True
# What a kernel says while the browser is away comes when it is back, once.
c.MappingKernelManager.buffer_offline_messages = True
# An MPI kernel ends its ranks before it goes.
c.KernelManager.shutdown_wait_time = 8.0

c.TerminalsExtensionApp.terminal_manager_class = "muster_kernels.terminals.Terminals"
c.TerminalManager.cull_inactive_timeout = idle_seconds
c.TerminalManager.cull_interval = max(1, min(60, idle_seconds // 4))

# Nothing is fetched from outside, and no packages are installed but by pip.
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"
