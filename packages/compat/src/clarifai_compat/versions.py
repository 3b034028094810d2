"""What the SDK runs on, as programs report it."""

from __future__ import annotations

import platform
import sys

OS_VER = sys.platform
PYTHON_VERSION = platform.python_version()
