"""No file harms: always a message, never an error of ours, never half an import."""

from __future__ import annotations

import re
import statistics
import threading
import time
import urllib.request

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client
from django.urls import reverse

from core.jobs.models import Job
from core.members.models import Member
from core.tenancy.context import tenant
from programs.models.imports import PeopleImport
from tests.cast import make_cast, sign_in
from tests.faults.files import WAYS, spoiled_file
from tests.programs.imports import begin, confirm, upload, work

FAST = range(len(WAYS))
ALL = range(200)


def _take(client, organisation, raw: bytes) -> str:
    """Take a file as far as it goes, by what the pages offer; return where it ended."""
    address = upload(client, raw)
    page = client.get(address)
    assert page.status_code == 200
    people_import = PeopleImport.objects.order_by("-id")[0]
    assert people_import.state == "mapping", "the job came to an end"
    if "refusal" in people_import.reading:
        assert re.search(r'class="note[^"]*caution', page.content.decode()), "with a sentence"
        return "refused"
    chosen = {} if people_import.mapping.get("email") is not None else {"email": "0"}
    taken = {name: "" for name, at in people_import.mapping.items() if at == 0}
    confirm(client, address, **({**taken, **chosen} if chosen else {}))
    assert client.get(address).status_code == 200
    before = Member.objects.count()
    job = work(begin(client, address))
    assert job.state == "done", job.error
    assert Member.objects.count() == before + job.result["entered"]
    assert client.get(address).status_code == 200
    assert client.get(f"{address}problems.csv").status_code == 200
    return "applied"


def _check(cast, number: int) -> None:
    with tenant(cast.acme):
        _take(sign_in(cast.cora), cast.acme, spoiled_file(number))
        assert not Job.objects.filter(state="failed").exists()


@pytest.mark.parametrize("number", FAST, ids=[way.__name__[1:] for way in WAYS])
def test_a_spoiled_file_ends_in_words(cast, number):
    _check(cast, number)


@pytest.mark.slow
@pytest.mark.parametrize("number", ALL)
def test_two_hundred_spoiled_files_end_in_words(cast, number):
    _check(cast, number)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_site_answers_while_files_are_uploaded(live_server):
    """S3: three files of 20 kB kept every page waiting for twenty seconds."""
    cast = make_cast()
    files = [b"e-mail," + b"(" * 20_000 + b"\na@b.example,\n", b"a,b\n" + b"x,y\n" * 2_000_000]
    stop = threading.Event()

    clients = [sign_in(cast.cora) for _each in range(3)]
    with urllib.request.urlopen(f"{live_server.url}/livez") as answer:
        assert answer.status == 200, "the first request loads what the others find"

    def post(client: Client) -> None:
        while not stop.is_set():
            for raw in files:
                file = SimpleUploadedFile("people.csv", raw, "text/csv")
                client.post(reverse("programs:new_import", args=["acme"]), {"file": file})
        connections.close_all()

    threads = [threading.Thread(target=post, args=[client], daemon=True) for client in clients]
    for thread in threads:
        thread.start()
    waits = []
    for _time in range(40):
        before = time.perf_counter()
        with urllib.request.urlopen(f"{live_server.url}/livez") as answer:
            assert answer.status == 200
        waits.append(time.perf_counter() - before)
        time.sleep(0.05)
    stop.set()
    for thread in threads:
        thread.join()
    # the three who upload share this one process with the server: the middle is its own
    assert statistics.median(waits) < 0.2
    assert max(waits) < 1
