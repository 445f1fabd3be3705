"""What a run was made from: a checksum of every file of the study."""

from __future__ import annotations

import hashlib
from pathlib import Path


def input_hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every file directly in the study folder, by name, in order."""
    return {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.iterdir())
        if file.is_file() and not file.name.startswith(".")
    }
