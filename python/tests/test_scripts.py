"""Scripts written for Keras: unchanged by `python -m sinew.keras`, and with other import lines."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parent / "scripts"
IMAGES = """
import numpy as np
random = np.random.default_rng(0)
x_train = random.random((64, 28, 28, 1)); y_train = random.integers(0, 10, 64)
x_test = random.random((32, 28, 28, 1)).astype("float32"); y_test = random.integers(0, 10, 32).astype("uint8")
"""
SEQUENCES = """
import numpy as np
random = np.random.default_rng(0)
timesteps, input_dim, output_dim = 12, 9, 6
x_train = random.random((64, timesteps, input_dim)); y_train = np.eye(output_dim)[random.integers(0, 6, 64)]
x_test, y_test = x_train[:32], y_train[:32]
"""
EXPECTED = "['accuracy', 'loss', 'val_accuracy', 'val_loss'] True"


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, capture_output=True, text=True, timeout=120
    )


@pytest.mark.parametrize(("script", "data"), [("cnn.py", IMAGES), ("lstm.py", SEQUENCES)])
def test_runs_unchanged_under_the_names_of_tensorflow_and_keras(tmp_path, script, data):
    (tmp_path / "data.py").write_text(data)
    (tmp_path / script).write_text((SCRIPTS / script).read_text())
    result = run(tmp_path, "-m", "sinew.keras", script)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1] == EXPECTED
    assert "2/2" in result.stdout


@pytest.mark.parametrize(("script", "data"), [("cnn.py", IMAGES), ("lstm.py", SEQUENCES)])
def test_runs_with_only_the_import_lines_changed(tmp_path, script, data):
    text = (SCRIPTS / script).read_text()
    text = text.replace("import tensorflow as tf", "import sinew as tf")
    text = text.replace("from tensorflow.keras", "from sinew.keras").replace("from keras", "from sinew.keras")
    (tmp_path / "data.py").write_text(data)
    (tmp_path / script).write_text(text)
    result = run(tmp_path, script)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1] == EXPECTED


def test_what_tensorflow_has_besides_keras_is_said_to_be_missing(tmp_path):
    (tmp_path / "script.py").write_text("import tensorflow as tf\ntf.function(print)\n")
    result = run(tmp_path, "-m", "sinew.keras", "script.py")
    assert result.returncode == 1
    assert "tensorflow.function is not there: this is Sinew" in result.stderr
