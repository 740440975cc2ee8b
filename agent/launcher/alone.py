"""Runs a job without MPI: `python3 -I -S /usr/lib/muster/alone.py UID GID PROGRAM [ARGUMENT ...]`, started by root.

PROGRAM is started as it is, and becomes the job user by itself; this process, before anything of it runs on, becomes the user UID, whom
no job can signal, trace or read. It holds what the job must not have: the output (1) and the exit code, in the cluster's records (3) and
on the node's own disk (4). The job writes into a pipe, so that it can add to its output and never change what is there.

The exit code is written once the output is whole: when the program has ended, and everything that it started has closed the pipe, but at
the latest DRAIN_SECONDS after the program's end. Where the file system of the output is full, the program waits for room, for
FULL_SECONDS at most; then it goes on without what it prints, and the output says how much is missing once there is room. The exit
code does not hang on it.
"""

import errno

import os
import select
import signal
import sys
import time

CODE = 3
OWN_CODE = 4
DRAIN_SECONDS = 5.0
FULL_SECONDS = 60.0
RETRY_SECONDS = 0.5
FULL = (errno.ENOSPC, errno.EDQUOT)
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


def write_all(fd, text, until):
    """Writes it, and tries again until then where there is no room; gives what could not be written."""
    while text:
        try:
            text = text[os.write(fd, text) :]
        except OSError as error:
            if error.errno not in FULL or time.monotonic() >= until():
                return text
            time.sleep(RETRY_SECONDS)
    return b""


class Output:
    """What the program prints, on its way into the file."""

    def __init__(self, ended):
        self.ended = ended
        self.lost_bytes = 0
        self.full_since = self.ended_since = None

    def until(self):
        now = time.monotonic()
        self.full_since = self.full_since or now
        poll = select.poll()
        poll.register(self.ended, select.POLLIN)
        if poll.poll(0):
            self.ended_since = self.ended_since or now
        if self.ended_since is None:
            return self.full_since + FULL_SECONDS
        return min(self.full_since + FULL_SECONDS, self.ended_since + DRAIN_SECONDS)

    def write(self, text):
        if self.lost_bytes:
            text = b"\nmuster: %d bytes of output are missing here: there was no room for them\n" % self.lost_bytes + text
        left = write_all(1, text, self.until)
        if not left:
            self.lost_bytes = 0
            self.full_since = None
        else:
            self.lost_bytes += len(left)


def write_code(code):
    text = b"%d\n" % code
    write_all(OWN_CODE, text, lambda: 0)
    # The agent has it by now: this is for the case that the node is lost before it has said so.
    until = time.monotonic() + DRAIN_SECONDS
    write_all(CODE, text, lambda: until)


def copy(reading, pid):
    """Copies the output to its end, and gives the program's exit code: 128 + signal where one ended it."""
    ended = os.pidfd_open(pid)
    output = Output(ended)
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
            output.write(chunk)
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
    write_code(copy(reading, pid))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
