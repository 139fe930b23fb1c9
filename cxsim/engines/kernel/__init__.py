"""The compiled engine: the same rules and the same log as the readable one, many times as fast."""
