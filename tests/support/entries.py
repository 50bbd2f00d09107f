"""Reports as an outbox keeps them."""

from dialctl.http.outbox.store import Entry, Report, host, line

DAY = 86400.0


def entry(key, until=DAY, app="shop", **more):
    """The key says call, path and number; its host is the path's."""
    url = f"http://{key[1]}.example/{key[1]}#rc=0"
    report = Report(key[0], url, "POST", (("n", key),), key, app)
    return Entry(report, line(key[0], url), host(url), until=until, added=1.7e9, **more)
