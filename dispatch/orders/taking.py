"""Takes in files of orders: stores their rows, registers each by the ordinary way, keeps what cannot be registered."""

import hashlib
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Count, QuerySet
from django.utils import timezone
from django_q.tasks import async_task

from dispatch.bulk import NAMESPACE
from dispatch.intake import Caller, Intake, register
from dispatch.models import Channel, OrderFile, OrderRow, Report
from dispatch.models.report import Person
from dispatch.orders.cleaning import is_traditional
from dispatch.orders.columns import guess
from dispatch.orders.reading import Fault, Note, Order, Reason, Rules, read_row
from dispatch.orders.tables import REST, Table
from gridmap.gazetteer import DatabaseGazetteer, Gazetteer
from gridmap.geocode import Answer, locate
from gridmap.models import Category
from gridmap.normalise import key
from people.models import User

BATCH: Final = 500
SLICE: Final = 200  # rows a task: some ten seconds
State = OrderRow.State


@transaction.atomic
def open_file(name: str, data: bytes, table: Table, *, channel: Channel, by: User | None, at: datetime) -> OrderFile:
    """Store a file's rows and what would become of each; nothing is registered yet."""
    last = OrderFile.objects.filter(channel=channel, stage=OrderFile.Stage.DONE).first()
    texts = [" ".join(row.values()) for _number, row in table.rows]
    file = OrderFile.objects.create(
        channel=channel,
        name=name[-200:],
        sha256=hashlib.sha256(data).hexdigest(),
        uploaded_by=by,
        uploaded_at=at,
        heads=table.heads,
        columns=guess(table.heads, last.columns if last else {}),
        traditional=2 * sum(map(is_traditional, texts)) > len(texts),
        encoding=table.encoding,
    )
    # what stands above the heads is no order: it is kept, and nobody has to decide on it
    above = [
        OrderRow(file=file, number=number, values={REST: words}, state=State.DROPPED, reason=Reason.ABOVE)
        for number, words in table.above
    ]
    rows = [OrderRow(file=file, number=number, values=values) for number, values in table.rows]
    _judge_all(rows, file, at)
    OrderRow.objects.bulk_create(above + rows, batch_size=BATCH)
    return file


def rules_of(file: OrderFile, at: datetime) -> Rules:
    """What the rows of a file are read by."""
    channel = file.channel
    return Rules(settings.CITY.zone, at, channel.default_type, channel.needs_upper, simplify=not file.traditional)


@transaction.atomic
def judge(file: OrderFile, at: datetime) -> None:
    """Say for each row that is not registered yet whether it can be, and what would be changed in it."""
    rows = list(file.rows.filter(state__in=[State.WAITING, State.REJECTED]))
    _judge_all(rows, file, at)
    OrderRow.objects.bulk_update(rows, ["state", "field", "reason", "notes"], batch_size=BATCH)


def _judge_all(rows: list[OrderRow], file: OrderFile, at: datetime) -> None:
    """Judge rows one by one, then tell which numbers are there already or come again; nothing is saved."""
    rules = rules_of(file, at)
    refs: dict[str, list[OrderRow]] = {}
    for row in rows:
        found = read_row(row.values, file.columns, row.corrected, rules)
        _judge(row, found)
        if isinstance(found, Order):
            refs.setdefault(found.ref, []).append(row)
    there = Report.objects.filter(channel=file.channel, external_ref__in=refs).values_list("external_ref", flat=True)
    known = set(there)
    for ref, same in refs.items():
        told = [Note.KNOWN_REF] if ref in known else [Note.SAME_REF] if len(same) > 1 else []
        for row in same:
            row.notes += [["ref", note, 1] for note in told]


def _judge(row: OrderRow, found: Order | Fault) -> None:
    if isinstance(found, Fault):
        row.state, row.field, row.reason, row.notes = State.REJECTED, found.field, found.reason, []
    else:
        row.state, row.field, row.reason, row.notes = State.WAITING, "", "", [list(note) for note in found.notes]


def start(file: OrderFile) -> bool:
    """Hand a checked file to the worker; False where somebody has done so, or given it up, before."""
    started = OrderFile.objects.filter(pk=file.pk, stage=OrderFile.Stage.CHECKED).update(stage=OrderFile.Stage.RUNNING)
    if started:
        async_task("dispatch.orders.taking.take_slice", file.pk)
    return bool(started)


def take_slice(file_id: int) -> str:
    """Register some of the rows and queue again for the others, so that a long file keeps no other task waiting."""
    done = take_in(file_id, most=SLICE)
    if OrderFile.objects.filter(pk=file_id, stage=OrderFile.Stage.RUNNING).exists():
        async_task("dispatch.orders.taking.take_slice", file_id)
    return done


def take_in(file_id: int, *, most: int | None = None) -> str:
    """Register the waiting rows, or the first `most` of them, each in a transaction of its own; goes on where it was
    stopped."""
    file = OrderFile.objects.select_related("channel", "uploaded_by").get(pk=file_id)
    if file.stage not in (OrderFile.Stage.CHECKED, OrderFile.Stage.RUNNING):
        return "nothing to do"
    gazetteer, classes = DatabaseGazetteer(timezone.localdate()), classes_by_word()
    waiting = file.rows.filter(state=State.WAITING)
    for key_of_row in list(waiting.values_list("pk", flat=True)[:most]):
        take_row(key_of_row, file, gazetteer, classes, timezone.now())
    if most is None or not waiting.exists():
        OrderFile.objects.filter(pk=file.pk).update(stage=OrderFile.Stage.DONE, finished_at=timezone.now())
    return ", ".join(f"{count} {state}" for state, count in counts(file).items())


def counts(file: OrderFile) -> dict[str, int]:
    """How many rows of a file are in each state, every state named."""
    found = dict(file.rows.order_by().values_list("state").annotate(n=Count("pk")))
    return {state: found.get(state, 0) for state in State.values}


def take_row(
    row_id: int, file: OrderFile, gazetteer: Gazetteer, classes: dict[str, Category], at: datetime
) -> OrderRow | None:
    """Register one row, or leave it with the reason; None where another worker has it."""
    try:
        with transaction.atomic():
            row = OrderRow.objects.select_for_update(skip_locked=True).filter(pk=row_id).first()
            if row is None or row.state not in (State.WAITING, State.REJECTED):
                return row
            _judge(row, found := read_row(row.values, file.columns, row.corrected, rules_of(file, at)))
            if isinstance(found, Order):
                _register(row, found, file, gazetteer, classes, at)
            row.save()
            return row
    except (DatabaseError, ValueError):
        # one row that the database does not want must not stop the others, nor be lost
        OrderRow.objects.filter(pk=row_id, report=None).update(state=State.REJECTED, field="", reason=Reason.FAILED)
        return OrderRow.objects.get(pk=row_id)


def _register(
    row: OrderRow, order: Order, file: OrderFile, gazetteer: Gazetteer, classes: dict[str, Category], at: datetime
) -> None:
    """By the ordinary way, unless its number is there already: then it is known, or says something else."""
    known = Report.objects.filter(channel=file.channel, external_ref=order.ref).first()
    if known is not None and known.text != order.text:
        row.state, row.field, row.reason = State.REJECTED, "ref", Reason.OTHER_TEXT
        return
    if known is not None:
        row.state, row.report = State.KNOWN, known
    else:
        intake = as_intake(order, file.channel, classes, _where(order, gazetteer))
        case = register(intake, by=file.uploaded_by, at=at, operation=operation_of(file.channel, order.ref))
        row.state, row.report = State.KEPT, case.reports.get(channel=file.channel, external_ref=order.ref)
        if order.category and intake.category is None:
            row.notes.append(["category", "other_class", 1])
    # from here on names and numbers live in Person alone
    row.values, row.corrected = {}, {}


def operation_of(channel: Channel, ref: str) -> UUID:
    """The same order of the same channel is registered once, however often its file comes; the same as in bulk."""
    return uuid5(NAMESPACE, f"{channel.key}/{ref}")


def _where(order: Order, gazetteer: Gazetteer) -> Answer:
    address = order.words["address"]
    answer = locate(address or order.text, gazetteer)
    return locate(order.text, gazetteer) if address and not answer.found else answer


def as_intake(order: Order, channel: Channel, classes: dict[str, Category], answer: Answer) -> Intake:
    """What the operator would have saved: the place that the words say; a class only where the file names one."""
    category, words = classes.get(key(order.category)) if order.category else None, order.words
    place = [{"code": reason.code, **dict(reason.params)} for reason in answer.why]
    return Intake(
        text=order.text,
        raw_text=order.raw_text,
        channel=channel,
        caller=Caller(
            name=words["name"],
            phone=words["phone"],
            company=words["company"],
            callback_phone=words["callback_phone"],
            kind=Person.Kind.ENTERPRISE if words["company"] else Person.Kind.RESIDENT,
            anonymous=order.anonymous,
            wants_callback=order.wants_callback,
        ),
        address=words["address"],
        request_type=order.request_type,
        point=answer.point,
        uncertainty_m=answer.uncertainty_m if answer.found else None,
        answer=answer,
        category=category,
        external_ref=order.ref,
        upper_due_at=order.upper_due_at,
        upper_body=words["upper_body"],
        unit_involved=words["unit_involved"],
        happened=words["happened"],
        clues=words["clues"],
        called_at=order.called_at,
        why={"place": place, "class": [{"code": "mapped", "words": order.category}] if category else []},
    )


def classes_by_word() -> dict[str, Category]:
    """小类 in force by the matching keys of their names, codes and other names; a word of two classes means none."""
    found: dict[str, Category] = {}
    twice: set[str] = set()
    for category in Category.objects.classes().on(timezone.localdate()).select_related("major"):
        for word in {key(word) for word in (category.name, *category.words)}:
            twice |= {word} if word in found else set()
            found[word] = category
    return {word: category for word, category in found.items() if word not in twice}


@transaction.atomic
def correct(row: OrderRow, fields: dict[str, str], *, at: datetime) -> OrderRow:
    """Put right what a row says and try again at once."""
    OrderRow.objects.filter(pk=row.pk, state=State.REJECTED).update(corrected={**row.corrected, **fields})
    file = OrderFile.objects.select_related("channel", "uploaded_by").get(pk=row.file_id)
    taken = take_row(row.pk, file, DatabaseGazetteer(timezone.localdate(at)), classes_by_word(), at)
    return taken or OrderRow.objects.get(pk=row.pk)


def drop(row: OrderRow) -> bool:
    """A person says that a reject is no order; the row stays with its reason. False where it is no reject any more."""
    return bool(OrderRow.objects.filter(pk=row.pk, state=State.REJECTED).update(state=State.DROPPED))


def give_up(file: OrderFile) -> bool:
    """Nothing of a checked file is wanted: its rows go, the note that it was there stays."""
    with transaction.atomic():
        given = OrderFile.objects.filter(pk=file.pk, stage=OrderFile.Stage.CHECKED)
        if not given.update(stage=OrderFile.Stage.GIVEN_UP):
            return False
        file.rows.all().delete()
    return True


def rejects(file: OrderFile) -> "QuerySet[OrderRow]":
    """Rows that are no reports, in the order of the file, without what stands above its heads."""
    rows = file.rows.filter(state__in=[State.REJECTED, State.DROPPED]).exclude(reason=Reason.ABOVE)
    return rows.order_by("number")
