"""`cxsim` with short chunks that are soon merged, so that a small run has many moments at which it may be killed."""

from functools import partial
from unittest import mock

from cxsim import cli
from cxsim.runs.chunks import Chunks

SHORT = partial(Chunks, seconds=0.08)

if __name__ == "__main__":
    with (
        mock.patch("cxsim.runs.execute.Chunks", SHORT),
        mock.patch("cxsim.runs.cluster.Chunks", SHORT),
        mock.patch("cxsim.runs.store.MERGED", 3),
    ):
        cli.main()
