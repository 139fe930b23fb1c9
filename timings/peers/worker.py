"""Runs one peer in an interpreter that has it: `python worker.py ciw_a`, then a line for each run asked for.

The lines, the same for every peer whatever it is written in:
- first it says `ready VERSION`;
- asked `DAYS SEED`, it simulates that many days of model A and answers `CPU CALLS ABANDONED WAITS`: user and system
  time of its process [s], calls recorded, of these abandoned, and the sum of all their waits [s].
"""

import gc
import importlib
import sys
import time


def main():
    """Answer until nothing more is asked."""
    peer = importlib.import_module(sys.argv[1])
    print("ready", peer.VERSION, flush=True)
    for line in sys.stdin:
        days, seed = line.split()
        gc.collect()
        before = time.process_time()
        records = peer.run(int(days), int(seed))
        cpu = time.process_time() - before
        print(repr(cpu), *peer.counts(records), flush=True)


if __name__ == "__main__":
    main()
