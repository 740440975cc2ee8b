"""The folder of one MPI kernel, in the notebook's home, which is on every node: its keys, and what ipyparallel writes."""

import fcntl
import os
import shutil

#: Below the home.
KERNELS_FOLDER = ".local/share/muster/mpi-kernels"


class KernelFolder:
    """Made at once, readable by its user alone; held until it is removed, or the process is gone. Removes those of kernels that are gone."""

    def __init__(self, kernel_id, home=None):
        root = os.path.join(home or os.path.expanduser("~"), KERNELS_FOLDER)
        os.makedirs(root, mode=0o700, exist_ok=True)
        _remove_abandoned(root)
        self.path = os.path.join(root, kernel_id)
        shutil.rmtree(self.path, ignore_errors=True)
        for folder in (self.path, self.file("security")):
            os.mkdir(folder, 0o700)
        self._lock = _lock(self.path)

    def file(self, *names):
        return os.path.join(self.path, *names)

    def remove(self):
        """May be called twice."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _lock(folder):
    """The open lock of a folder; None where another process has it."""
    try:
        lock = os.open(os.path.join(folder, "lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError:
        return None
    try:
        fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return lock
    except OSError:
        os.close(lock)
        return None


def _remove_abandoned(root):
    for name in os.listdir(root):
        path = os.path.join(root, name)
        lock = _lock(path)
        if lock is not None:
            shutil.rmtree(path, ignore_errors=True)
            os.close(lock)
