"""The rules of a support centre: pure, compiled, without a clock."""
