"""What a rank does when it fails: see rank_program.py, which loads this file then, and sets OWN_FILES: the paths of both.

rank.sh runs it with the status of a rank that has ended: `rank_failure.py STATUS`.
"""

import os
import sys

SOCKET = "/run/muster/ranks.sock"
REPORT_SECONDS = 2.0
MAX_LINES = 20


def report(status, lines=()):
    """Tells the node's agent that this rank has failed. Never fails, and is quick: the job's end does not wait for it."""
    try:
        import json
        import socket

        body = json.dumps(
            {
                "launch": os.environ["MUSTER_LAUNCH_ID"],
                "rank": int(os.environ["PMI_RANK"]),
                "status": status,
                "lines": [line[-1000:] for line in lines[-MAX_LINES:]],
            }
        ).encode()
        head = (
            "POST /v1/ranks HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as agent:
            agent.settimeout(REPORT_SECONDS)
            agent.connect(SOCKET)
            agent.sendall(head.encode() + body)
            agent.recv(4096)
    except Exception:
        pass


def thread_failed(args, mpi):
    """A call of MPI has failed in a thread."""
    lines = [f"{args.exc_type.__name__}: {args.exc_value}"]
    if "spawn" in str(args.exc_value).lower():
        lines.append(
            "MPI_Comm_spawn does not work here: start a pool of mpi4py.futures by "
            "`-m mpi4py.futures FILE` instead of `FILE`."
        )
        print(lines[-1], file=sys.stderr, flush=True)
    report(1, lines)
    if not others_run_on():
        mpi.COMM_WORLD.Abort(1)


def unreadable(path, error):
    """The exit status of a program's file that can't be read, in Python's words, which name Python as it was called."""
    line = f"{sys.orig_argv[0]}: can't open file '{path}': [Errno {error.errno}] {error.strerror}"
    print(line, file=sys.stderr)
    report(2, [line])
    return 2


def status_of(stop):
    """The exit status that a SystemExit stands for, and what Python prints for it."""
    if stop.code is None:
        return 0, ()
    if isinstance(stop.code, int):
        return stop.code & 0xFF, ()
    return 1, str(stop.code).splitlines()


def others_run_on():
    return os.environ.get("MUSTER_ON_RANK_FAILURE") == "continue"


def fail(status, lines):
    """Reports the failure; MPI, where it has begun, is aborted when the interpreter ends, unless the others run on."""
    report(status, lines)
    if "mpi4py.MPI" in sys.modules and not others_run_on():
        from mpi4py.run import set_abort_status

        set_abort_status(status)


def without_own_frames(trace):
    """The part of a traceback that is the user's: from the first frame that is not of these files or of runpy."""
    while trace is not None and trace.tb_frame.f_code.co_filename in (*OWN_FILES, "<frozen runpy>"):
        trace = trace.tb_next
    return trace


def failure_of(error):
    """The exit status and the lines of an exception that ended the rank, which is shown as Python shows it."""
    if isinstance(error, SystemExit):
        status, lines = status_of(error)
        for line in lines:
            print(line, file=sys.stderr)
        return status, lines
    import traceback

    error = error.with_traceback(without_own_frames(error.__traceback__))
    sys.excepthook(type(error), error, error.__traceback__)
    return 1, "".join(traceback.format_exception(error)).splitlines()


def failed(error):
    """The exit status of a rank that this exception has ended; anything but 0 is reported."""
    status, lines = failure_of(error)
    if status != 0:
        fail(status, lines)
    return status


if __name__ == "__main__":
    report(int(sys.argv[1]))
