"""RCML: the Dial of Restcomm's enterprise pages, and the verbs that stand around it."""

from dialctl.dialects.restcomm import *  # noqa: F403  the vocabulary as it is
from dialctl.dialects.restcomm import Rcml

LANGUAGE = Rcml("RCML's")
parse = LANGUAGE.parse
parse_sound = LANGUAGE.parse_sound
