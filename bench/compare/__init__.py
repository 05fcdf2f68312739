"""Sinew beside other deep-learning systems on the same machine, in one run. See README.md."""
