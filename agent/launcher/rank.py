"""Runs one rank of a job: `python [OPTION ...] /usr/lib/muster/rank.py (FILE | -c CODE | -m MODULE) [ARGUMENT ...]`.

The rank sees what `python (FILE | -c CODE | -m MODULE) [ARGUMENT ...]` would show it. Two things are added:

- A rank that fails ends the others: with an exception or an exit status other than 0 after MPI has begun, MPI is
  aborted at the end of the interpreter, where Python alone would wait for the others in MPI_Finalize. It is what
  `python -m mpi4py` does (https://mpi4py.readthedocs.io/en/stable/mpi4py.run.html), and done by its functions.
  A job that asks for it (`onRankFailure: continue`) has it otherwise: the others run on, and MPI is not aborted.
- The node's agent hears which rank failed, how, and its last lines. A parent process, forked before the user's code is
  there, sees also what no Python code can report: os._exit, a signal.
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


def supervise(child):
    """Waits for the rank, reports how it ended when it ended badly, and ends the same way."""
    import signal

    # The rank gets it too, being in the same process group.
    signal.signal(signal.SIGTERM, lambda *_: None)
    signal.signal(signal.SIGINT, lambda *_: None)
    _, wait_status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(wait_status)
    status = code if code >= 0 else 128 - code
    if status != 0:
        report(status)
    os._exit(status)


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


def watch_threads():
    """A failing MPI call in a thread of its own would leave everybody else waiting: it is the rank's failure."""
    import threading

    default = threading.excepthook

    def excepthook(args):
        default(args)
        mpi = sys.modules.get("mpi4py.MPI")
        if mpi is None or not isinstance(args.exc_value, mpi.Exception):
            return
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

    threading.excepthook = excepthook


def load(arguments):
    """What is to be run, as a function without parameters, with sys.argv, sys.path and __main__ as Python makes them."""
    import types

    first = arguments[0]
    main = types.ModuleType("__main__")
    main.__builtins__ = __builtins__
    if first == "-m":
        import runpy

        sys.argv = ["-m", *arguments[2:]]
        sys.path[0] = os.getcwd()
        return lambda: runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    if first == "-c":
        sys.modules["__main__"] = main
        sys.argv = ["-c", *arguments[2:]]
        sys.path[0] = ""
        return lambda: execute(arguments[1], "<string>", main)
    sys.argv = arguments
    if os.path.isdir(first) or first.endswith((".zip", ".pyz", ".pyc")):
        import runpy

        del sys.path[0]
        return lambda: runpy.run_path(first, run_name="__main__")
    path = os.path.abspath(first)
    source = read_source(path)
    sys.modules["__main__"] = main
    sys.path[0] = os.path.dirname(path)
    main.__file__ = path
    main.__cached__ = None
    return lambda: execute(source, path, main)


def execute(source, name, main):
    exec(compile(source, name, "exec", dont_inherit=True), main.__dict__)


def read_source(path):
    """The file's bytes, or Python's own words and status for a file that can't be read."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        line = f"{sys.executable}: can't open file '{path}': [Errno {error.errno}] {error.strerror}"
        print(line, file=sys.stderr)
        report(2, [line])
        sys.exit(2)


def without_own_frames(trace):
    """The part of a traceback that is the user's: from the first frame that is not of this file or of runpy."""
    while trace is not None and trace.tb_frame.f_code.co_filename in (__file__, "<frozen runpy>"):
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


def keep_lines_whole():
    """With PYTHONUNBUFFERED=1 print() writes each of its parts alone, and the ranks' lines would mix: a line at a time."""
    if os.environ.get("PYTHONUNBUFFERED") == "1":
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(line_buffering=True, write_through=False)


def run(arguments):
    """Runs the rank's program and gives its exit status."""
    keep_lines_whole()
    watch_threads()
    try:
        load(arguments)()
        return 0
    except BaseException as error:
        status, lines = failure_of(error)
    if status != 0:
        fail(status, lines)
    return status


if __name__ == "__main__":
    if "PMI_RANK" in os.environ and (pid := os.fork()):
        supervise(pid)
    sys.exit(run(sys.argv[1:]))
