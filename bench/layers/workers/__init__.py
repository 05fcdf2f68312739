"""The peers' side of the sweep over layers."""
