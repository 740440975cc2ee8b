# mpiexec starts ranks through the nodes' agents.
export HYDRA_LAUNCHER_EXEC=/usr/lib/muster/launch
