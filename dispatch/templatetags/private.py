"""Words of people as pages show them."""

from typing import Any

from django import template

from dispatch.masks import mask_name, mask_phone, mask_text

register = template.Library()


@register.filter
def masked(text: str, file: Any = None) -> str:  # noqa: ANN401 - a page's values, of a higher floor
    """Telephone and identity numbers in somebody's words, without their middle.

    On the page of a case, `file` knows the callers' names, which are masked too, and whether this reader has just said
    why they need to see everything (`shown`): a look, which is recorded.
    """
    if file is None:
        return mask_text(text)
    return text if file.shown else mask_text(text, file.names)


@register.filter
def masked_name(name: str) -> str:
    """A resident's name for somebody who has not said why they need it."""
    return mask_name(name)


@register.filter
def masked_phone(phone: str) -> str:
    """A resident's number without its middle."""
    return mask_phone(phone)
