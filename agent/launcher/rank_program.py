"""What rank.py runs: one rank of a job.

The rank sees what `python (FILE | -c CODE | -m MODULE) [ARGUMENT ...]` would show it. Two things are added:

- A rank that fails ends the others: with an exception or an exit status other than 0 after MPI has begun, MPI is
  aborted at the end of the interpreter, where Python alone would wait for the others in MPI_Finalize. It is what
  `python -m mpi4py` does (https://mpi4py.readthedocs.io/en/stable/mpi4py.run.html), and done by its functions.
  A job that asks for it (`onRankFailure: continue`) has it otherwise: the others run on, and MPI is not aborted.
- The node's agent hears which rank failed, how, and its last lines. Its parent, rank.sh, sees also what no Python code can
  report: os._exit, a signal.

Each rank of each job starts by this: what only a failure needs is in rank_failure.py, and nothing is imported or called that is not
needed (`signal` alone would cost as much as all the rest).
"""

import os
import sys


def failure():
    """The names of rank_failure.py."""
    path = os.path.join(os.path.dirname(__file__), "rank_failure.py")
    names = {"__name__": "rank_failure", "__file__": path, "OWN_FILES": (__file__, path)}
    with open(path, "rb") as file:
        exec(compile(file.read(), path, "exec"), names)
    return names


class ThreadsToCome:
    """Sees to it that threads are watched once the program has any: few do, and to import threading here takes each rank 2 ms."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name != "threading":
            return None
        sys.meta_path.remove(cls)
        specs = (finder.find_spec(name, path, target) for finder in sys.meta_path)
        spec = next(filter(None, specs), None)
        if spec is not None:
            execute_module = spec.loader.exec_module

            def exec_module(threading):
                execute_module(threading)
                watch_threads(threading)

            spec.loader.exec_module = exec_module
        return spec


def watch_threads(threading):
    """A failing MPI call in a thread of its own would leave everybody else waiting: it is the rank's failure."""
    default = threading.excepthook

    def excepthook(args):
        default(args)
        mpi = sys.modules.get("mpi4py.MPI")
        if mpi is not None and isinstance(args.exc_value, mpi.Exception):
            failure()["thread_failed"](args, mpi)

    threading.excepthook = excepthook


def load(arguments):
    """What is to be run, as a function without parameters, with sys.argv, sys.path and __main__ as Python makes them."""
    first = arguments[0]
    main = type(sys)("__main__")
    main.__builtins__ = sys.modules["builtins"]
    if first == "-m":
        import runpy

        sys.argv = ["-m", *arguments[2:]]
        look_first_in(os.getcwd())
        return lambda: runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    if first == "-c":
        sys.modules["__main__"] = main
        sys.argv = ["-c", *arguments[2:]]
        look_first_in("")
        return lambda: exec(arguments[1], main.__dict__)
    sys.argv = arguments
    if os.path.isdir(first) or first.endswith((".zip", ".pyz", ".pyc")):
        import runpy

        if not sys.flags.safe_path:
            del sys.path[0]
        return lambda: runpy.run_path(first, run_name="__main__")
    path = os.path.abspath(first)
    source = read_source(path)
    sys.modules["__main__"] = main
    look_first_in(os.path.dirname(path))
    main.__file__ = path
    main.__cached__ = None
    return lambda: exec(code_of(source, path), main.__dict__)


def look_first_in(folder):
    """In the place of rank.py's own folder, which is not there where Python is called with -P or -I."""
    if not sys.flags.safe_path:
        sys.path[0] = folder


def code_of(source, path):
    """As compile(), whose first call makes the types of the `ast` module, and so costs a rank as much as all else here."""
    try:
        code = quick_code_of(source)
        # The import system's own way to name the file of compiled code: its functions' too.
        sys.modules["_imp"]._fix_co_filename(code, path)
        return code
    except Exception:
        # Such as an error of syntax, or a warning: below, it names the file.
        pass
    return compile(source, path, "exec", dont_inherit=True)


class Begins(BaseException):
    """The program is compiled, and about to begin."""


def begins(frame, event, _argument):
    if event == "call" and frame.f_code.co_filename == "<string>":
        raise Begins(frame.f_code)


def quick_code_of(source):
    """What exec() compiles, and does not begin. A warning of the compiler is an error."""
    warnings = sys.modules["_warnings"]
    error = ("error", None, Warning, None, 0)
    changed = warnings._filters_mutated
    warnings.filters.insert(0, error)
    changed()
    # A profiler may be there already, of a sitecustomize of the job's.
    profiler = sys.getprofile()
    sys.setprofile(begins)
    try:
        exec(source, {})
    except Begins as stop:
        return stop.args[0]
    finally:
        sys.setprofile(profiler)
        warnings.filters.remove(error)
        changed()


def read_source(path):
    """The file's bytes, or Python's own words and status for a file that can't be read."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        sys.exit(failure()["unreadable"](path, error))


def keep_lines_whole():
    """With PYTHONUNBUFFERED=1 print() writes each of its parts alone, and the ranks' lines would mix: a line at a time."""
    if os.environ.get("PYTHONUNBUFFERED") == "1":
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(line_buffering=True, write_through=False)


def run(arguments):
    """Runs the rank's program and gives its exit status."""
    keep_lines_whole()
    if "threading" in sys.modules:
        watch_threads(sys.modules["threading"])
    else:
        sys.meta_path.insert(0, ThreadsToCome)
    try:
        load(arguments)()
        return 0
    except SystemExit as stop:
        if stop.code is None or (type(stop.code) is int and stop.code == 0):
            return 0
        return failure()["failed"](stop)
    except BaseException as error:
        return failure()["failed"](error)
