"""Runs one rank of a job: `python [OPTION ...] /usr/lib/muster/rank.py (FILE | -c CODE | -m MODULE) [ARGUMENT ...]`.

Python compiles this file anew for each rank, but rank_program.py once on each node: the agent imports it before the first job, and
Python keeps what it has compiled.
"""

import sys

if sys.flags.safe_path:
    sys.path.insert(0, __file__[: -len("/rank.py")])
    import rank_program

    del sys.path[0]
else:
    import rank_program

if __name__ == "__main__":
    sys.exit(rank_program.run(sys.argv[1:]))
