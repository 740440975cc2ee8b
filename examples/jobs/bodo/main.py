"""A group-by with Bodo: plain pandas code, which @bodo.jit compiles and runs on all ranks together.

Each rank makes and holds a part of the data frame, and Bodo moves rows between ranks where a group-by needs it. The first call
compiles the function, which takes some seconds.
"""

import bodo
import numpy as np
import pandas as pd

TRIPS = 1_000_000


@bodo.jit
def trips_by_day(count):
    """How many trips each day of the week has, and how long they are. Every rank gets a part of the result."""
    number = np.arange(count)
    trips = pd.DataFrame({"day": number % 7, "km": 1.0 + number % 12})
    return trips.groupby("day", as_index=False).agg(trips=("km", "count"), km=("km", "sum"))


by_day = bodo.gatherv(trips_by_day(TRIPS))  # the whole result, on rank 0

if bodo.get_rank() == 0:
    print(by_day.sort_values("day").to_string(index=False))
    print(f"{by_day['trips'].sum()} trips, {by_day['km'].sum():.0f} km")
