"""Logs in few letters, so that they can be compared between processes: `python -m support.log_digests PICKLE`."""

import hashlib
import pickle
import sys
import warnings
from pathlib import Path

from cxsim.contacts.columns import TABLES


def digest_of(log):
    """SHA-256 over the bytes of all columns of all tables and their names."""
    digest = hashlib.sha256(repr({key: list(names) for key, names in log.names.items()}).encode())
    for table in TABLES:
        for name, values in getattr(log, table).columns.items():
            digest.update(f"{table}.{name} {values.dtype} {len(values)}".encode())
            digest.update(values.tobytes())
    return digest.hexdigest()


def main():
    """Print the digest of the compiled engine's log of each (mapping, seed) in a file, and whether it was compiled."""
    from cxsim.compiled import COMPILED
    from cxsim.trial import simulate

    # Whole numbers that run over, as the draws mean them to, are reported only where nothing is compiled.
    warnings.simplefilter("ignore", RuntimeWarning)
    print("compiled" if COMPILED else "uncompiled")
    for source, seed in pickle.loads(Path(sys.argv[1]).read_bytes()):
        print(digest_of(simulate(source, seed=seed, engine="kernel")))


if __name__ == "__main__":
    main()
