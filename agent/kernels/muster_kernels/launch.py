"""The two programs behind a kernel's ranks: ipyparallel's controller on this node, and mpiexec."""

import os
import subprocess
import sys
import threading
from collections import deque

MOST_LINES = 200
MOST_LINE = 1_000
MPIEXEC = "/usr/local/bin/mpiexec"
END_SECONDS = 2.0


class Program:
    """A child process that ends when this process does. Keeps its last lines."""

    def __init__(self, argv):
        self._lines = deque(maxlen=MOST_LINES)
        self._child = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", "--", *argv],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # An interrupt of the kernel is for its group: it must not end mpiexec.
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, name="output", daemon=True)
        self._reader.start()

    def _read(self):
        while line := self._child.stdout.readline(MOST_LINE):
            self._lines.append(line.decode("utf-8", "replace").rstrip("\n"))

    def status(self):
        """None while it runs; as a shell shows it: 128 + signal where one ended it."""
        code = self._child.poll()
        return code if code is None or code >= 0 else 128 - code

    def lines(self):
        """The last lines; all of them, for a moment's patience, where it has ended."""
        if self._child.poll() is not None:
            self._reader.join(0.5)
        return list(self._lines)

    def end(self):
        """Asks it to end, and ends it by force after END_SECONDS. May be called twice."""
        if self._child.poll() is None:
            self._child.terminate()
            try:
                self._child.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait(END_SECONDS)


def _wire(role, folder, address):
    return [sys.executable, "-P", "-m", "muster_kernels.wire", role, folder, address]


def start_controller(folder, address):
    return Program(_wire("controller", folder.path, address))


def start_ranks(folder, place):
    """mpiexec with as many ranks as the place has cores, through the agents' launcher."""
    hostfile = folder.file("hostfile")
    with open(hostfile, "w", encoding="utf-8") as file:
        file.writelines(f"{node['address']}:{node['cores']}\n" for node in place["nodes"])
    mpiexec = os.environ.get("MUSTER_MPIEXEC", MPIEXEC)
    argv = [mpiexec, "-localhost", place["address"], "-f", hostfile, "-n", str(place["ranks"])]
    return Program([*argv, *_wire("engine", folder.path, place["address"])])
