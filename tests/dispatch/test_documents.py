"""文书: papers of a case by kind, the file as it came, the record of a mediation (P4.9, P4.20, P2.14, P2.22)."""

import io
import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from dispatch import retention
from dispatch.actions import documents
from dispatch.actions.documents import Paper
from dispatch.documents import BadDocumentError, store_document
from dispatch.evidence import original_path, public_path
from dispatch.lifecycle import MissingEvidenceError
from dispatch.models import Case, Document, Evidence
from people.models import Look, RoleGrant, User
from tests.town import NOW, Town, jpeg

Login = Callable[[str], Client]
PDF = b"%PDF-1.4\n1 0 obj\nendobj\ntrailer\n%%EOF\n"
DAY = date(2026, 3, 15)


def pdf(extra: bytes = b"") -> Evidence:
    return store_document(io.BytesIO(PDF + extra), at=NOW)


def send(client: Client, case: Case, action: str, **more: Any) -> Any:
    sent = {"version": case.version, "operation": str(uuid.uuid4()), "dated_on": "2026-03-15", "note": "现场查处"}
    return client.post(reverse("desks:act", args=[case.number, action]), sent | more)


def test_a_pdf_is_kept_as_it_came_and_has_no_public_copy(db: None) -> None:
    kept, again = pdf(), pdf()
    assert kept == again
    assert kept.media_type == "application/pdf"
    assert original_path(kept.sha256).read_bytes() == PDF
    assert not public_path(kept.sha256).exists()


def test_a_picture_is_checked_like_every_photo(db: None) -> None:
    assert store_document(jpeg(), at=NOW).media_type == "image/jpeg"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"MZ\x90\x00 notice.pdf", "无法识别"),
        (b"<html>%PDF-1.4 %%EOF", "无法识别"),
        (PDF[:20], "不完整"),
        (b"%PDF-" + b"0" * (20 * 1024 * 1024), "20 MB"),
    ],
)
def test_what_it_is_is_told_by_content_and_size_not_by_its_name(db: None, data: bytes, said: str) -> None:
    with pytest.raises(BadDocumentError, match=said):
        store_document(io.BytesIO(data), at=NOW)
    assert not Evidence.objects.exists()


@pytest.mark.parametrize("kind", ["stop_work", "agreement", "rectify", "other"])
def test_each_kind_of_paper_is_a_step_of_the_case(town: Town, kind: str) -> None:
    case = town.to_state("handling")
    paper = Paper(DAY, "威怡停字〔2023〕3号", "怡园物业", evidence=pdf())
    step = documents.add(case, town.doing(case, "handler", case.state_since, "责令停工"), kind=kind, paper=paper)
    found = Document.objects.get()
    assert (found.step, found.kind, found.number, found.part) == (step, kind, paper.number, town.part(case))


def test_a_paper_needs_its_file_and_a_mediation_both_parties(town: Town) -> None:
    case = town.to_state("handling")
    doing = town.doing(case, "handler", case.state_since, "双方争执")
    with pytest.raises(MissingEvidenceError):
        documents.add(case, doing, kind="agreement", paper=Paper(DAY))
    with pytest.raises(MissingEvidenceError):
        documents.mediate(case, doing, paper=Paper(DAY, party_a="王女士", agreement="修复", signed="王女士"))


def test_the_page_of_a_mediation_masks_both_parties_everywhere(town: Town, login: Login) -> None:
    case, client = town.to_state("handling"), login("handler")
    sent = {
        "party_a": "丛大海",
        "party_b": "于小河",
        "agreement": "于小河十日内修复丛大海家墙面",
        "signed": "丛大海、于小河",
    }
    assert send(client, case, "mediate", **sent, note="丛大海称墙面渗水 70 厘米").status_code == 302
    page = client.get(reverse("desks:case", args=[case.number])).content.decode()
    assert "记录调解" in page
    assert "甲方：丛**" in page
    assert "于**十日内修复丛**家墙面" in page
    assert "丛大海" not in page
    assert "于小河" not in page


def test_the_form_says_what_is_wrong_with_a_file(town: Town, login: Login) -> None:
    case, client = town.to_state("handling"), login("handler")
    wrong = SimpleUploadedFile("a.pdf", b"no paper at all", "application/pdf")
    answer = send(client, case, "document", kind="stop_work", file=wrong)
    assert answer.status_code == 422
    assert "无法识别这个文件" in answer.content.decode()
    late = send(client, case, "document", kind="stop_work", dated_on="2999-01-01", file=io.BytesIO(PDF))
    assert "文书日期不能晚于今天" in late.content.decode()


def test_who_sees_the_case_opens_the_file_and_the_look_is_recorded(town: Town, login: Login) -> None:
    case, client = town.to_state("handling"), login("handler")
    file = SimpleUploadedFile("b.bin", PDF, "application/octet-stream")
    assert send(client, case, "document", kind="stop_work", file=file).status_code == 302
    paper = Document.objects.get()
    answer = client.get(reverse("dispatch:document", args=[paper.pk]))
    assert b"".join(answer) == PDF
    assert answer["Content-Disposition"].startswith("attachment")
    assert Look.objects.get().subject == f"document:{paper.pk}"
    other = User.objects.create_user("other", password="town-password")
    RoleGrant.objects.create(user=other, role="handler", agency=town.office)
    client.force_login(other)
    assert client.get(reverse("dispatch:document", args=[paper.pk])).status_code == 404


def test_names_and_file_go_with_the_rest_of_an_old_case(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    case = town.to_state("to_close")
    paper = Paper(DAY, "", "丛大海", "于小河", "十日内修复", "丛大海", store_document(jpeg("pink"), at=NOW))
    documents.mediate(case, town.doing(case, "shift_lead", case.state_since, "双方到场"), paper=paper)
    town.to_state("closed", Case.objects.get(pk=case.pk), when=case.state_since)
    monkeypatch.setattr("dispatch.retention.ended_before", lambda at: at)
    retention.anonymise(NOW.replace(year=2040))
    found = Document.objects.get()
    assert "丛大海" not in f"{found.party_a}{found.signed}"
    assert found.evidence is not None
    assert not public_path(found.evidence.sha256).exists()
    assert not original_path(found.evidence.sha256).exists()
