"""What a rank has besides ipyparallel's engine: an IPython extension, and functions that the kernel calls there by name."""

import os
import signal
import socket


def load_ipython_extension(shell):
    """Lets the kernel interrupt this rank: in the thread that hears the kernel while a cell runs."""
    kernel = shell.kernel

    async def signal_request(stream, ident, parent):
        os.kill(os.getpid(), signal.SIGINT)
        kernel.session.send(stream, "signal_reply", {"status": "ok"}, parent, ident=ident)

    kernel.control_handlers["signal_request"] = signal_request
    # Where a rank is to end it has nothing to save: the engine's own handler would wait for Python.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def place():
    """(rank, number of ranks, pid, host name)."""
    from mpi4py import MPI

    world = MPI.COMM_WORLD
    return world.Get_rank(), world.Get_size(), os.getpid(), socket.gethostname()


def count(number):
    """The next cell is In[number]."""
    from IPython import get_ipython

    get_ipython().execution_count = number


def complete(code, cursor):
    from IPython import get_ipython

    return get_ipython().kernel.do_complete(code, cursor)


def inspect(code, cursor, detail_level):
    from IPython import get_ipython

    return get_ipython().kernel.do_inspect(code, cursor, detail_level)
