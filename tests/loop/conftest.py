from tests.loop.browser import chromium, office

__all__ = ["chromium", "office"]
