"""The databases that the people's memory is tested on."""

from tests.persona.people.conftest import postgresql, url

__all__ = ["postgresql", "url"]
