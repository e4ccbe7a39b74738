"""Words of people as pages show them."""

from django import template

from dispatch.masks import mask_text

register = template.Library()


@register.filter
def masked(text: str) -> str:
    """Telephone and identity numbers in somebody's words, without their middle."""
    return mask_text(text)
