"""Personal data as it is shown before somebody has said why they need it. Pure."""


def mask_name(name: str) -> str:
    """The family name, or the first letter, and stars: 王女士 → 王**."""
    return f"{name[0]}**" if name else ""


def mask_phone(phone: str) -> str:
    """The first three and the last four digits of a long number, the last two of a short one."""
    if len(phone) >= 11:
        return f"{phone[:3]}****{phone[-4:]}"
    return f"****{phone[-2:]}" if phone else ""
