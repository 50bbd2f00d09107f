"""CallAPI: RCML by another vendor's name, whose page on <Number> tells of its status callbacks."""

from dialctl.dialects.restcomm import *  # noqa: F403  the vocabulary as it is
from dialctl.dialects.restcomm import Rcml

LANGUAGE = Rcml("CallAPI's")
parse = LANGUAGE.parse
parse_sound = LANGUAGE.parse_sound
