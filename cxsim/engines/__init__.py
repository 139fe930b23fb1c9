"""The clock: engines that turn rules into a log, and write nothing else."""
