"""Runs a job without MPI: `python3 -I -S /usr/lib/muster/alone.py UID GID PROGRAM [ARGUMENT ...]`, started by root.

PROGRAM is started as it is, and becomes the job user by itself; this process, before anything of it runs on, becomes the user UID, whom
no job can signal, trace or read. It holds what the job must not have: the output (1) and the exit code (3). The job writes
into a pipe, so that it can add to its output and never change what is there.

The exit code is written once the output is whole: when the program has ended, and everything that it started has closed the pipe, but at
the latest DRAIN_SECONDS after the program's end.
"""

import os
import select
import signal
import sys
import time

CODE = 3
DRAIN_SECONDS = 5.0
CHUNK_BYTES = 65536


def start(argv, writing):
    """The program's pid. It sees what a shell would give it: these signals are Python's own to ignore."""
    pid = os.fork()
    if pid != 0:
        return pid
    try:
        for name in ("SIGPIPE", "SIGXFSZ"):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
        os.dup2(writing, 1)
        os.dup2(writing, 2)
        os.closerange(3, 1 << 20)
        os.execv(argv[0], argv)
    finally:
        os._exit(127)


def become(uid, gid):
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)


def write(text):
    while text:
        text = text[os.write(1, text) :]


def copy(reading, pid):
    """Copies the output to its end, and gives the program's exit code: 128 + signal where one ended it."""
    ended = os.pidfd_open(pid)
    poll = select.poll()
    poll.register(reading, select.POLLIN)
    poll.register(ended, select.POLLIN)
    code = until = None
    is_open = True
    while code is None or is_open:
        left = None if until is None else max(0, until - time.monotonic()) * 1000
        ready = [fd for fd, _ in poll.poll(left)]
        if reading in ready:
            chunk = os.read(reading, CHUNK_BYTES)
            write(chunk)
            if not chunk:
                poll.unregister(reading)
                is_open = False
        if ended in ready:
            code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            poll.unregister(ended)
            until = time.monotonic() + DRAIN_SECONDS
        if until is not None and time.monotonic() >= until:
            break
    return code if code >= 0 else 128 - code


def main(uid, gid, argv):
    reading, writing = os.pipe()
    pid = start(argv, writing)
    # A job is asked to end by SIGTERM to all of its processes: this one stays, to say how it has ended.
    for name in ("SIGTERM", "SIGINT", "SIGHUP"):
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    become(uid, gid)
    os.close(writing)
    os.write(CODE, b"%d\n" % copy(reading, pid))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
