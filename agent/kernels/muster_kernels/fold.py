"""Folds what ranks say: what several say alike is shown once, with the names of those ranks.

Each rank's items keep their order. An item is shown as soon as all ranks that still run have it at their front; one that differs is shown
some time after it came (GRACE_SECONDS, by its kind), or at once where the others have ended or a rank says too much. Pure but for the values that it keeps: the time
comes as a value, in seconds.
"""

from collections import deque
from typing import NamedTuple

#: Results come at a cell's end, for which ranks may need unlike time.
GRACE_SECONDS = {"stdout": 0.5, "stderr": 0.5, "display": 0.5, "error": 1.0, "result": 3.0}
#: A line that is not ended is shown after so long: a dot that says "I work".
PARTIAL_SECONDS = 2.0
MOST_WAITING = 500
LOOK_AHEAD = 50


class Item(NamedTuple):
    """What a rank has said: a line of "stdout" or "stderr", or one output ("display", "result", "error"), alike where `key` is."""

    kind: str
    key: str
    #: A line's text, without its end; an output's message content.
    content: object


class Fold:
    """What the ranks of one cell have said and was not shown yet."""

    def __init__(self, ranks):
        self._waiting = {rank: deque() for rank in ranks}
        self._partial = {}

    def text(self, rank, stream, text, now):
        """Text of a stream, in pieces as they come. A carriage return begins its line anew, as in a terminal."""
        began, since = self._partial.pop((rank, stream), ("", now))
        *lines, rest = (began + text).split("\n")
        for line in lines:
            self._add(rank, _line(stream, line), now)
        if rest:
            self._partial[(rank, stream)] = (rest[-100_000:], since if not lines else now)

    def output(self, rank, item, now):
        """An output that is no text: what the rank has printed before stands before it."""
        self._end_lines(now, lambda key, _since: key[0] == rank)
        self._add(rank, item, now)

    def take(self, now, running, is_final=False):
        """What is to be shown now, in order: [(ranks, Item)]. `running`: the ranks that may say more."""
        self._end_lines(now, lambda _key, since: is_final or now - since >= PARTIAL_SECONDS)
        shown = []
        while True:
            fronts = {rank: waiting[0] for rank, waiting in self._waiting.items() if waiting}
            if not fronts:
                return shown
            ranks = self._next_group(fronts)
            item = fronts[ranks[0]][0]
            is_late = now - min(fronts[rank][1] for rank in ranks) >= GRACE_SECONDS[item.kind]
            is_whole = set(ranks) >= set(running)
            is_much = any(len(self._waiting[rank]) > MOST_WAITING for rank in fronts)
            if not (is_final or is_whole or is_much or is_late):
                return shown
            shown.append((ranks, item))
            for rank in ranks:
                self._waiting[rank].popleft()

    def _add(self, rank, item, now):
        self._waiting[rank].append((item, now))

    def _end_lines(self, now, is_over):
        for key in [key for key, (_text, since) in self._partial.items() if is_over(key, since)]:
            rank, stream = key
            text, _since = self._partial.pop(key)
            self._add(rank, _line(stream, text), now)

    def _next_group(self, fronts):
        """The ranks whose common front comes next: the largest group, and of equals the first, but none that others will still join."""
        groups = {}
        for rank in sorted(fronts):
            item = fronts[rank][0]
            groups.setdefault((item.kind, item.key), []).append(rank)
        ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[1][0]))
        for key, ranks in ordered:
            if not any(self._comes_later(rank, key) for rank in fronts if rank not in ranks):
                return tuple(ranks)
        return tuple(ordered[0][1])

    def _comes_later(self, rank, key):
        waiting = self._waiting[rank]
        ahead = (waiting[at][0] for at in range(1, min(len(waiting), LOOK_AHEAD)))
        return any((item.kind, item.key) == key for item in ahead)


def _line(stream, text):
    shown = text.rstrip("\r").rsplit("\r", 1)[-1]
    return Item(stream, shown, shown)
