"""Every page that a seat may open, in a browser: on a desk and on a phone, in both languages."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from people.models import User
from people.permissions import Role, may
from tests.loop.browser import DESK, PHONE, Office
from tests.people.test_walk import PAGES, fill, objects
from tests.test_translations import CATALOGUE, CHINESE, UNTRANSLATED, messages
from tests.town import Town, build_town

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# what is wrong with the page as it stands; read in the page itself
LOOK = """() => {
  const found = [];
  const wide = document.scrollingElement.scrollWidth - window.innerWidth;
  if (wide > 0) found.push(`${wide} px too wide`);
  const heads = [...document.querySelectorAll('h1, h2, h3, h4')].map((h) => Number(h.tagName[1]));
  if (heads.filter((level) => level === 1).length !== 1) found.push('not one h1');
  const named = (e) => e.labels?.length || e.ariaLabel || e.getAttribute('aria-labelledby') || e.title;
  for (const e of document.querySelectorAll('input:not([type=hidden]), select, textarea'))
    if (!named(e)) found.push(`no label: ${e.name || e.id}`);
  for (const e of document.querySelectorAll('button, a[href]'))
    if (e.checkVisibility() && !(e.textContent.trim() || named(e) || e.querySelector('img[alt], svg[aria-label]')))
      found.push(`no name: ${e.outerHTML}`);
  for (const e of document.querySelectorAll('img:not([alt])')) found.push(`no alt: ${e.src}`);
  const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
  for (const id of new Set(ids.filter((x, i) => ids.indexOf(x) !== i))) found.push(`twice: #${id}`);
  return found;
}"""
AXE = (Path(__file__).resolve().parent.parent.parent / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
# names of serious rules that a page breaks, with the first element that breaks each
SERIOUS = """() => axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations
  .filter(({ impact }) => ['serious', 'critical'].includes(impact))
  .map(({ id, nodes }) => `${id} (${nodes.length}): ${nodes[0].html.slice(0, 120)}`))"""
WORDS = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (walker.nextNode())
    if (!['SCRIPT', 'STYLE', 'TEMPLATE'].includes(walker.currentNode.parentElement.tagName))
      found.push(walker.currentNode.textContent.replace(/\\s+/g, ' ').trim());
  for (const e of document.querySelectorAll('[title], [placeholder], [aria-label]'))
    found.push(e.title, e.placeholder || '', e.ariaLabel || '');
  return found;
}"""


@cache
def said() -> frozenset[str]:
    """Everything that the product says in its own words, in Chinese."""
    catalogue = messages(CATALOGUE.read_text(encoding="utf-8"))
    return frozenset(message.id for message in catalogue if CHINESE.search(message.id)) - UNTRANSLATED


def seats() -> dict[Role, list[str]]:
    """Each page with a GET once, under the first seat that may open it."""
    found: dict[Role, list[str]] = {role: [] for role in Role}
    for page in PAGES:
        permission = (page.permissions or {}).get("GET")
        if permission and not page.route.startswith("events/"):
            role = next(role for role in Role if may({role}, permission))
            found[role].append(page.route)
    return {role: routes for role, routes in found.items() if routes}


def is_page(page: Page, url: str) -> bool:
    """Whether something whole and for people comes; not data, files, and parts of pages. A server error is none."""
    answer = page.request.get(url)
    assert answer.status < 500, (url, answer.status)
    assert answer.status != 403, url
    return answer.status == 200 and "text/html" in answer.headers["content-type"] and "<html" in answer.text()


def troubles(page: Page, url: str) -> list[str]:
    """What is wrong with one page, wide and narrow."""
    found = []
    page.goto(url)
    for view in (PHONE, DESK):
        page.set_viewport_size(view["viewport"])
        found += [f"{view['viewport']['width']} px: {word}" for word in page.evaluate(LOOK)]
    return found + [f"axe: {word}" for word in serious(page)]


def serious(page: Page) -> list[str]:
    """What axe-core calls serious or critical."""
    page.evaluate(AXE)
    found: list[str] = page.evaluate(SERIOUS)
    return found


def untranslated(page: Page, names: frozenset[str]) -> list[str]:
    """Words of the product that stand in Chinese on an English page; names that are data are none."""
    return [word for word in page.evaluate(WORDS) if word in said() - names]


def chinese_data(town: Town) -> frozenset[str]:
    """Names in the town's own rows, which stay Chinese."""
    people = set(User.objects.values_list("full_name", flat=True))
    return frozenset({town.channel.name, town.calendar.name, *people, *(name[:1] for name in people)})


@pytest.mark.parametrize("role", list(seats()))
def test_a_seat_finds_every_page_in_order(role: Role, transactional_db: None, office: Office) -> None:
    town = build_town()
    values, wrong, seen = objects(town), {}, 0
    zh, en = office.enter(role), office.enter(role, language="en")
    en.set_viewport_size(PHONE["viewport"])
    for route in seats()[role]:
        url = office.url + fill(route, values)
        if not is_page(zh, url):
            continue
        seen += 1
        found = troubles(zh, url)
        en.goto(url)
        found += [f"English: {word}" for word in [*en.evaluate(LOOK), *untranslated(en, chinese_data(town))]]
        if found:
            wrong[route] = sorted(set(found))
    assert not wrong, "\n".join(f"{route}: {found}" for route, found in wrong.items())
    assert seen or role is Role.MANAGER  # whose own are a file and buttons


def test_the_look_sees_what_is_wrong(transactional_db: None, office: Office) -> None:
    build_town()
    page = office.enter("operator", language="en")
    page.set_content("<table width=5000><td>待派遣</table><input name=a><button></button><i id=x></i><i id=x></i>")
    found: list[Any] = page.evaluate(LOOK)
    for word in ("too wide", "not one h1", "no label: a", "no name", "twice: #x"):
        assert any(word in trouble for trouble in found), (word, found)
    assert untranslated(page, frozenset()) == ["待派遣"]
    assert any(word.startswith("button-name") for word in serious(page))
