"""``python python/soak SECONDS``: see `soak.main`. It tries the package that is installed, or else the tree's."""

import importlib.util
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))

if __name__ == "__main__":
    # A folder that is run comes first in the path. What is installed has to come before what lies beside this.
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != HERE]
    sys.path.append(os.path.dirname(HERE))
    if __package__ is None or __package__ == "":
        spec = importlib.util.spec_from_file_location("soak", os.path.join(HERE, "__init__.py"))
        assert spec is not None and spec.loader is not None
        sys.modules["soak"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules["soak"])
    from soak.main import main

    sys.exit(main())
