"""Who may open which orders page, and that fragments, exports and strangers' ids obey the same rule."""

import uuid

import pytest
from django.urls import reverse

from orders.models import Order

GROUPS = ("operations", "finance", "support", "lead", "auditor")
HTMX = {"HX-Request": "true"}
VIEW, PLACE = set(GROUPS), {"operations", "lead"}
RELEASE, CHANGE, REVEAL = {"operations", "lead"}, {"operations", "lead"}, {"support", "lead"}
APPROVE = {"finance", "lead"}
PAGES = {"approvals": VIEW, "list": VIEW, "export": VIEW, "unknown": VIEW, "parked": VIEW, "parked_demand": VIEW,
         "new": PLACE}
OF_AN_ORDER = {"order": VIEW, "approval": APPROVE}
ACTS = {"withdrawal": CHANGE, "release": RELEASE, "question": CHANGE, "review": CHANGE, "notes": CHANGE, "reveal": REVEAL,
        "priority": RELEASE, "refund": CHANGE,
        "approval_price": APPROVE, "approval_grant": APPROVE, "approval_refusal": APPROVE}
OF_A_QUOTE = {"quote": PLACE, "quote_expiry": PLACE}
QUOTE_ACTS = {"confirmation": PLACE, "fresh_quote": PLACE}


@pytest.fixture
def order(make_order):
    return make_order("parked", agreed_total=10_000)


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_pages_open_for_their_groups_alone(page_client, order, group, headers):
    client = page_client(group)

    opened = {name for name in PAGES if client.get(reverse(f"orders:{name}"), headers=headers).status_code != 403}
    opened |= {name for name in OF_AN_ORDER
               if client.get(reverse(f"orders:{name}", args=[order.pk]), headers=headers).status_code != 403}
    opened |= {name for name in OF_A_QUOTE
               if client.get(reverse(f"orders:{name}", args=[uuid.uuid4()]), headers=headers).status_code != 403}

    assert opened == {name for name, groups in {**PAGES, **OF_AN_ORDER, **OF_A_QUOTE}.items() if group in groups}


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_acts_are_open_for_their_groups_alone(page_client, order, group, headers):
    client = page_client(group)

    opened = {name for name in ACTS
              if client.post(reverse(f"orders:{name}", args=[order.pk]), headers=headers).status_code != 403}
    opened |= {name for name in QUOTE_ACTS
               if client.post(reverse(f"orders:{name}", args=[uuid.uuid4()]), headers=headers).status_code != 403}
    opened |= {"quotes"} if client.post(reverse("orders:quotes"), headers=headers).status_code != 403 else set()

    expected = {**ACTS, **QUOTE_ACTS, "quotes": PLACE}
    assert opened == {name for name, groups in expected.items() if group in groups}


@pytest.mark.parametrize("group", ["finance", "support", "auditor"])
def test_refused_act_changes_nothing(page_client, order, group):
    client = page_client(group)

    for name in ("withdrawal", "release", "review", "notes"):
        client.post(reverse(f"orders:{name}", args=[order.pk]), {"text": "Hello"})

    assert Order.objects.get().status == "parked"
    assert order.events.count() == 1


@pytest.mark.parametrize("group", GROUPS)
def test_page_offers_only_what_the_group_may_do(page_client, order, make_unit, group):
    make_unit(order)

    text = page_client(group).get(reverse("orders:order", args=[order.pk])).content.decode()

    offered = {name for name in ("withdrawal", "release", "notes", "reveal")
               if f'action="{reverse(f"orders:{name}", args=[order.pk])}"' in text}
    assert offered == {name for name in ("withdrawal", "release", "notes", "reveal") if group in ACTS[name]}


def test_unknown_id_answers_alike_everywhere(page_client, order):
    client, stranger = page_client("lead"), uuid.uuid4()

    answers = [client.get(reverse("orders:order", args=[stranger])), client.get(
        reverse("orders:order", args=[stranger]), headers=HTMX)]
    answers += [client.post(reverse(f"orders:{name}", args=[stranger])) for name in ACTS]

    assert {answer.status_code for answer in answers} == {404}


def test_stranger_is_sent_to_sign_in(client, order):
    for name in (*OF_AN_ORDER, *ACTS):
        response = client.post(reverse(f"orders:{name}", args=[order.pk]))
        assert response["Location"].startswith("/login/")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/admin/", "/admin/catalog/supplier/", "/admin/login/"])
def test_admin_tells_signed_in_staff_that_it_is_not_open_to_them(page_client, path):
    response = page_client("operations").get(path, follow=True)

    assert response.status_code == 403
    assert "This page is not open to you" in response.content.decode()
