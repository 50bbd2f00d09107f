"""The story of a call: what has happened on it, kept while it is up and for a while after. Pure."""

from dialctl.story.stories import Stories as Stories
from dialctl.story.story import Story as Story
