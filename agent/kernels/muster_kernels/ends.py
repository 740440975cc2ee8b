"""Says in words how ranks have ended. Pure."""

import re
import signal

from .rank_names import ranks_in_words

#: A rank that ends writes "muster-rank-ended RANK STATUS" into mpiexec's output.
ENDED = "muster-rank-ended"
_ENDED = re.compile(rf"{ENDED} (\d+) (\d+)")
RESTART = "Kernel > Restart Kernel starts new ranks."


def dead_ranks(mpiexec_lines):
    """[(rank, status)] of the ranks that have ended, in order."""
    matches = map(_ENDED.search, mpiexec_lines)
    return [(int(match[1]), int(match[2])) for match in matches if match]


def ended(status, mpiexec_lines, places):
    """Why there are no ranks any more, where one of them, or mpiexec, has ended. `places`: {rank: (pid, address, host name)}."""
    dead = dead_ranks(mpiexec_lines)
    if dead:
        # The others end because of the first.
        rank, status = dead[0]
        where = f" (on {places[rank][2]})" if rank in places else ""
        return f"rank {rank}{where} {how(status)}, and MPI has ended the others"
    said = [line for line in mpiexec_lines if line.strip() and set(line.strip()) != {"="}][-5:]
    return f"mpiexec has ended with status {status}" + (": " + " / ".join(said) if said else "")


def how(status):
    """A status as a shell shows it in words: a signal as such."""
    try:
        name = signal.Signals(status - 128).name
    except ValueError:
        return f"has ended with status {status}"
    extra = " (perhaps its node has no memory left)" if name == "SIGKILL" else ""
    return f"was ended by {name}{extra}"


def silent(ranks, places):
    """Why ranks count as lost that do not answer any more."""
    hosts = sorted({places[rank][2] for rank in ranks if rank in places})
    where = f" (on {', '.join(hosts)})" if hosts else ""
    return f"{ranks_in_words(ranks)}{where} can't be reached any more: the node may be lost, or hang"
