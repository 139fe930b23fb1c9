"""Runs: trials executed, kept and found again."""
