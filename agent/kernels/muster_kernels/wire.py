"""ipyparallel's programs with Muster's settings: `python -P -m muster_kernels.wire controller|engine FOLDER ADDRESS`.

FOLDER is the kernel's, on the notebook's home. The controller listens on ADDRESS for ranks, and on loopback for the kernel. All of it is
encrypted (CurveZMQ) and signed, with keys that are made for this kernel and are in FOLDER alone.
"""

import os
import signal
import sys

from .ends import ENDED

#: A rank is lost after this number of beats without an answer. A rank that computes answers: the answer needs no Python.
BEAT_MS = 1_000
MISSED_BEATS = 8
#: A rank ends where the controller is silent for so long.
CONTROLLER_MISSED_BEATS = 20
#: Ranks wait for the controller's file, which comes by the network's file system.
FILE_SECONDS = 30.0
REGISTER_SECONDS = 30.0
#: What programs hear of each other's death is for the kernel to say, in words.
QUIET = "CRITICAL"


def controller(folder, address):
    from ipyparallel.controller.app import IPController
    from traitlets.config import Config

    config = Config()
    config.ProfileDir.location = folder
    config.IPController.log_level = QUIET
    config.IPController.engine_ip = address
    config.IPController.location = address
    config.IPController.enable_curve = True
    # One process instead of nine: the queues are threads of ZeroMQ's, without Python.
    config.IPController.use_threads = True
    config.TaskScheduler.scheme_name = "pure"
    config.IPController.broadcast_scheduler_depth = 0
    config.Session.key = os.urandom(32).hex().encode()
    config.HeartMonitor.period = BEAT_MS
    config.HeartMonitor.max_heartmonitor_misses = MISSED_BEATS
    config.IPController.registration_timeout = int(REGISTER_SECONDS)
    IPController.launch_instance(argv=[], config=config)


def engine(folder, _address):
    from ipyparallel.engine.app import IPEngine
    from traitlets.config import Config

    config = Config()
    config.ProfileDir.location = folder
    config.IPEngine.log_level = QUIET
    config.IPEngine.use_mpi = True
    # What a nanny does, a process for each rank, is done by a thread that is there anyway: see rank.py.
    config.IPEngine.enable_nanny = False
    config.IPEngine.wait_for_url_file = FILE_SECONDS
    config.IPEngine.timeout = REGISTER_SECONDS
    config.IPEngine.max_heartbeat_misses = CONTROLLER_MISSED_BEATS
    config.InteractiveShellApp.extensions = ["muster_kernels.rank"]
    config.HistoryManager.enabled = False
    IPEngine.launch_instance(argv=[], config=config)


def supervise(rank):
    """Goes on as the rank, in a child process. The parent says how the rank has ended: mpiexec reports one rank, which need not be the first."""
    child = os.fork()
    if child == 0:
        return
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, signal.SIG_IGN)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    status = code if code >= 0 else 128 - code
    os.write(2, f"{ENDED} {rank} {status}\n".encode())
    os._exit(status or 1)


if __name__ == "__main__":
    if sys.argv[1] == "engine":
        supervise(os.environ["PMI_RANK"])
    {"controller": controller, "engine": engine}[sys.argv[1]](*sys.argv[2:])
