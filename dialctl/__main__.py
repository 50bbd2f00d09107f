"""``dialctl`` and ``python -m dialctl``."""

# gevent must replace the blocking parts of the standard library before anything imports them.
from gevent import monkey

monkey.patch_all()

from dialctl.cli import main  # noqa: E402

if __name__ == "__main__":
    raise SystemExit(main())
