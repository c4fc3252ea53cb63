"""The site: one blueprint per thing a person sees."""

from skillgraph.web.app import create_app

__all__ = ["create_app"]
