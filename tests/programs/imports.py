"""Taking a file through the pages of an import, with a worker who works when told."""

from __future__ import annotations

import re

from celery import current_app
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from core.jobs.models import Job
from core.tenancy.context import tenant
from core.tenancy.models import Organisation
from programs.importing.mapping import LEAVER_WORDS
from programs.operations import imports
from programs.tasks import apply_import


def upload(client, content: str | bytes, name: str = "people.csv") -> str:
    """Upload a file through the page; return the address of the import."""
    raw = content.encode() if isinstance(content, str) else content
    answer = client.post(
        reverse("programs:new_import", args=["acme"]),
        {"file": SimpleUploadedFile(name, raw, "text/csv")},
    )
    assert answer.status_code == 302, answer.content.decode()
    do_waiting_work()
    return answer["Location"]


def do_waiting_work() -> None:
    """Do what a worker does, with every job that waits."""
    with tenant(Organisation.objects.get(slug="acme")):
        for job in Job.objects.filter(state="queued").exclude(kind=imports.JOB_KIND):
            current_app.tasks[job.kind](job.organisation_id, str(job.pk))


def confirm(client, address: str, *, pages: int = 2, **chosen: str) -> None:
    """Send the mapping page as it was guessed, but for what is `chosen`.

    Once more where the chosen programs ask questions of their own.
    """
    for _page in range(pages):
        page = client.get(f"{address}?columns").content.decode()
        said = dict(guessed(page))
        answer = client.post(f"{address}columns/", {"leaver_words": LEAVER_WORDS} | said | chosen)
        assert answer.status_code == 302, answer.content.decode()
        if f"{address}columns/" not in client.get(address).content.decode():
            break
    do_waiting_work()


def guessed(page: str) -> list[tuple[str, str]]:
    """Return what each select of the mapping page shows."""
    found = []
    for select in re.findall(r'<select name="([\w:-]+)".*?>(.*?)</select>', page, re.S):
        value = re.search(r'<option value="([\w-]*)" selected', select[1])
        found.append((select[0], value[1] if value else ""))
    return found


def begin(client, address: str, **more: str) -> Job:
    """Press the button of the preview; return the job."""
    digest = re.search(r'name="digest" value="(\w+)"', client.get(address).content.decode())
    answer = client.post(f"{address}apply/", {"digest": digest[1], **more})
    assert answer.status_code == 302, answer.content.decode()
    return Job.objects.order_by("-id")[0]


def work(job: Job) -> Job:
    """Do what a worker does."""
    apply_import(job.organisation_id, str(job.pk))
    job.refresh_from_db()
    return job
