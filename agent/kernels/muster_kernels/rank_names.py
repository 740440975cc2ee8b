"""Names of ranks, for people: "[0-3,6]"."""


def rank_names(ranks):
    """Some ranks in brackets, consecutive ones as a range: (0, 1, 2, 5) is "[0-2,5]"."""
    parts = []
    start = last = None
    for rank in sorted(ranks):
        if last is not None and rank == last + 1:
            last = rank
            continue
        if start is not None:
            parts.append((start, last))
        start = last = rank
    if start is not None:
        parts.append((start, last))
    return f"[{','.join(str(a) if a == b else f'{a}-{b}' for a, b in parts)}]"


def ranks_in_words(ranks):
    """The same in a sentence: "rank 3", "ranks 0-2,5"."""
    names = rank_names(ranks)[1:-1]
    return f"rank {names}" if len(tuple(ranks)) == 1 else f"ranks {names}"
