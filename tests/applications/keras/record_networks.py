#!/usr/bin/env python3
"""Writes networks.zip: the config of Keras's networks and the paths and shapes of their weights, one a line.

    python -m venv keras && keras/bin/pip install keras==3.15.1 'jax[cpu]'
    KERAS_BACKEND=jax keras/bin/python tests/applications/keras/record_networks.py
"""

import os
import zipfile

from keras import applications

NETWORKS = {
    "mobilenet_v2": applications.MobileNetV2,
    "resnet50": applications.ResNet50,
    "vgg16": applications.VGG16,
}

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "networks.zip")
with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
    for name, network in NETWORKS.items():
        model = network(weights=None)
        archive.writestr(name + ".json", model.to_json())
        weights = [f"{weight.path} {tuple(weight.shape)}\n" for weight in model.weights]
        archive.writestr(name + ".weights", "".join(weights))
