"""The pages of the eSIM desk: look up, watch, reveal, and who may."""

import pytest
from django.urls import reverse

from catalog import clock
from catalog.suppliers.giftapi.lab_esim import KNOWN_ICCID
from orders import esims
from orders.models import Esim, EsimEvent
from tests.esims.conftest import read

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
CODE = f"LPA:1$smdp.example.test$TEST-{KNOWN_ICCID[-6:]}"


@pytest.fixture
def client(page_client):
    return page_client("support")


def enter(client, iccid=KNOWN_ICCID, **more):
    return client.post(reverse("orders:esim_entries"), {"supplier": "giftapi", "iccid": iccid, **more})


def page_of(esim):
    return reverse("orders:esim", args=[esim.pk])


def reveal(client, esim, reason="Buyer lost the mail", **options):
    return client.post(reverse("orders:esim_reveal", args=[esim.pk]), {"reason": reason}, **options)


def test_esim_is_looked_up_and_watched_until_it_was_read(client, giftapi):
    url = enter(client, "8900 0000 0000 0000 011").url
    esim = Esim.objects.get()

    before = client.get(url, headers=HTMX)
    read(esim)
    after = client.get(f"{url}?without_code=1", headers=HTMX)

    assert (before.status_code, after.status_code) == (200, 286)
    assert "giftapi is being asked" in before.content.decode()
    assert "It can be topped up" in after.content.decode()
    assert "hx-trigger" not in after.content.decode().split('id="esim-secret"')[0]
    assert 'id="esim-secret" hx-swap-oob="true"' in after.content.decode()


def test_update_leaves_a_revealed_code_alone(client, known):
    assert 'id="esim-secret"' not in client.get(page_of(known), headers=HTMX).content.decode()


def test_same_iccid_again_leads_to_the_same_page(client, giftapi):
    assert enter(client).url == enter(client).url
    assert [event.kind for event in EsimEvent.objects.order_by("pk")] == ["entered", "asked"]


@pytest.mark.parametrize("iccid", ["", "12", "8944422711108338983", "x" * 19])
def test_odd_iccid_is_refused_at_its_field(client, giftapi, iccid):
    answer = enter(client, iccid)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["iccid"])
    assert not Esim.objects.exists()


def test_page_shows_data_packages_and_coverage_with_their_age(client, known):
    text = client.get(page_of(known)).content.decode()

    for words in (KNOWN_ICCID, "Installed", "Etisalat", "Works in 2 networks", "What stands here was read",
                  known.last_package):
        assert words in text


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_code_and_picture_are_in_the_answer_of_the_reveal_only(client, known, headers):
    shown = reveal(client, known, headers=headers)

    assert (shown.status_code, shown["Cache-Control"]) == (200, "no-store")
    assert f">{CODE}<" in shown.content.decode()
    assert 'class="qr-ink" d="M' in shown.content.decode()
    assert " style=" not in shown.content.decode()
    after = client.get(page_of(known)).content.decode()
    assert (CODE in after, "qr-ink" in after, 'hx-history="false"' in after) == (False, False, True)


@pytest.mark.parametrize("reason", ["", "x" * 201])
def test_reveal_without_a_proper_reason_shows_nothing(client, known, reason):
    refused = reveal(client, known, reason)

    assert (refused.status_code, CODE in refused.content.decode()) == (422, False)
    assert not EsimEvent.objects.filter(kind="revealed").exists()


def test_reveal_asks_for_the_password_first(page_client, known):
    client = page_client("support", confirmed=False)

    assert reveal(client, known).url.startswith(reverse("confirm"))
    assert not EsimEvent.objects.filter(kind="revealed").exists()


def test_esim_without_a_code_has_nothing_to_reveal(client, known):
    Esim.objects.update(sealed_activation="")

    assert reveal(client, known).status_code == 422


@pytest.mark.parametrize(("group", "address", "method"), [
    ("finance", "esims", "get"), ("auditor", "esim_entries", "post"), ("auditor", "esim_question", "post"),
    ("operations", "esim_reveal", "post"), ("support", "esim_packages", "get")])
def test_others_are_kept_out(page_client, known, group, address, method):
    args = [known.pk] if address in ("esim_question", "esim_reveal", "esim_packages") else []

    assert getattr(page_client(group), method)(reverse(f"orders:{address}", args=args)).status_code == 403


def test_list_finds_by_the_beginning_of_an_iccid(client, known, spent):
    whole = client.get(reverse("orders:esims"))
    narrowed = client.get(reverse("orders:esims"), {"q": KNOWN_ICCID[:-1]})
    nothing = client.get(reverse("orders:esims"), {"q": "8912"})

    assert {row.pk for row in whole.context["rows"]} == {known.pk, spent.pk}
    assert [row.pk for row in narrowed.context["rows"]] == [known.pk]
    assert "No such eSIM here" in nothing.content.decode()


def test_odd_place_in_the_list_is_refused(client, known):
    assert client.get(reverse("orders:esims"), {"after": "x"}).status_code == 422


def test_shop_without_such_a_supplier_says_so(client):
    assert "No connected supplier tells what became of eSIMs" in client.get(reverse("orders:esims")).content.decode()


def test_read_again_asks_and_is_told(client, known):
    client.post(reverse("orders:esim_question", args=[known.pk]))

    known.refresh_from_db()
    assert known.due_at <= clock.now()
    assert "is being asked" in client.get(page_of(known)).content.decode()
    assert EsimEvent.objects.filter(kind="asked", by=client.user).exists()


def test_failed_reading_is_told_with_the_old_values(client, known):
    Esim.objects.update(problem="The supplier knows no eSIM of this ICCID.")

    text = client.get(page_of(known)).content.decode()
    assert "The last reading brought nothing" in text
    assert "knows no eSIM" in text


def test_foreign_words_stay_text(client, known):
    Esim.objects.update(last_package="<script>1</script>", packages=[{"name": "<b>x</b>", "word": "<i>"}])

    text = client.get(page_of(known)).content.decode()
    assert "<script>1" not in text
    assert "<b>x" not in text


def test_esims_of_an_unknown_supplier_state_are_still_shown(client, known, giftapi):
    giftapi.is_active = False
    giftapi.save()

    assert client.get(page_of(known)).status_code == 200
    assert esims.due(now=clock.now(), limit=5) == []


def test_supplier_page_leads_to_the_esims(page_client, giftapi, plexy):
    client = page_client("operations")

    pages = [client.get(reverse("catalog:supplier", args=[name])).content.decode() for name in ("giftapi", "plexy")]

    actions = [page.split('class="page-actions')[-1].split("</main>")[0] for page in pages]
    assert [f'href="{reverse("orders:esims")}"' in action for action in actions] == [True, False]
