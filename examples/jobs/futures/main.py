"""A pool of processes on all nodes: `python -m mpi4py.futures main.py` runs this file on rank 0, and the others work for it.

The pool is used like one of concurrent.futures. Without `-m mpi4py.futures`, it would start its workers with MPI_Comm_spawn,
which does not work on a cluster of Muster's.
"""

import math

from mpi4py.futures import MPIPoolExecutor

NUMBERS = [112272535095293, 112582705942171, 115280095190773, 115797848077099, 1099726899285419, 993960000099397]


def is_prime(number: int) -> bool:
    """Runs in a worker. The longest of these takes about a second."""
    return number % 2 != 0 and all(number % divisor for divisor in range(3, math.isqrt(number) + 1, 2))


if __name__ == "__main__":  # workers import this file, too
    with MPIPoolExecutor() as pool:
        for number, prime in zip(NUMBERS, pool.map(is_prime, NUMBERS)):
            print(number, "is prime" if prime else "is not prime")
