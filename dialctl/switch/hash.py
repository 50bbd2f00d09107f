"""mod_hash: what the switch keeps beyond its channels, by realm and key, and the API to it.

Source: mod_hash.c, hash_api_function() and hash_dump_function(). It lives as long as the switch.
"""

from dialctl.switch.dialstring import separate

_USAGE = "-ERR Usage: hash insert|insert_ifempty|select|delete|delete_ifmatch/realm/key[/value]\n"
_DUMP_USAGE = "Usage: all|limit|db [<realm>]\n"
_OK = "+OK\n"
_NOT_FOUND = "-ERR Not found\n"


class Hash:
    """Realm and key are one word there, joined by ``_``."""

    def __init__(self) -> None:
        self._kept: dict[str, str] = {}

    def api(self, argument: str) -> str:
        """``insert/realm/key/value`` and the like; "" makes ``-ERR no reply`` on a socket."""
        words = separate(argument, "/", most=4)
        if len(words) < 3:
            return _USAGE
        name, key = words[0].lower(), f"{words[1]}_{words[2]}"
        value = words[3] if len(words) > 3 else None
        match name:
            case "select":
                return self._kept.get(key, "")
            case "delete":
                return _OK if self._kept.pop(key, None) is not None else _NOT_FOUND
            case "insert" if value is not None:
                self._kept[key] = value
                return _OK
            case "insert_ifempty" if value is not None:
                if key in self._kept:
                    return "-ERR key already exists\n"
                self._kept[key] = value
                return _OK
            case "delete_ifmatch" if value is not None:
                if key not in self._kept:
                    return _NOT_FOUND
                if self._kept[key] != value:
                    return "-ERR Doesn't match\n"
                del self._kept[key]
                return _OK
        return _USAGE

    def dump(self, argument: str) -> str:
        """``db REALM``: a line ``D/REALM_KEY/VALUE`` for each key that has ``REALM_`` in it."""
        words = separate(argument, " ")
        if not words or words[0] not in ("all", "limit", "db"):
            return _DUMP_USAGE
        realm = f"{words[1]}_" if len(words) == 2 else ""
        kept = {} if words[0] == "limit" else self._kept
        return "".join(f"D/{key}/{value}\n" for key, value in kept.items() if realm in key)
