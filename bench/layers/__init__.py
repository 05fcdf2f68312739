"""Every layer's forward and backward pass beside PyTorch and Keras (README.md of bench/compare)."""
