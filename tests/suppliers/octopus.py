"""Octopus Cards as the tests meet it: a signed-in client on a prepared wire, and answers of its documented shapes."""

from decimal import Decimal

from catalog.suppliers.octopus_cards.client import OctopusCards
from catalog.suppliers.types import OrderRequest, ProductKind
from tests.suppliers.wire import Wire, answer, sample_value, signed_in

CREDENTIALS = {"api_key": "key_test", "api_secret": "secret_test", "webhook_secret": "whsec_test"}


def client(*answers, tokens=None, **settings):
    return OctopusCards(Wire(*answers), CREDENTIALS, settings, tokens=tokens or signed_in())


def calls(made):
    return made._transport.calls


def asked(made):
    """What was asked, as (method, route with its number filled in)."""
    return [(call.method, call.route.format(**call.params)) for call in calls(made)]


def listed(*rows, more=False, total=None):
    headers = {"x-has-more": str(more).lower()} | ({} if total is None else {"x-total-count": str(total)})
    return answer(list(rows), headers=headers)


def refusal(code, message, *, status=400):
    return answer({"error": {"name": "BadRequestError", "code": code, "message": message}}, status=status)


def game(**options):
    """The documented example of a top-up as we ask for it."""
    documented = sample_value("octopus_cards/order_create_request")
    return OrderRequest(**{
        "ref": documented["client_reference"], "sku_ref": "topup:5570:4.99", "product_ref": "topup:4218",
        "kind": ProductKind.TOP_UP, "currency": "USD", "face_currency": "USD", "fields": documented["input_data"],
        **options})


def vouchers(**options):
    return OrderRequest(**{
        "ref": "BO-30", "sku_ref": "voucher:311:25", "product_ref": "voucher:311", "kind": ProductKind.VOUCHER,
        "quantity": 2, "currency": "USD", "face_currency": "USD", **options})


def esim(**options):
    return OrderRequest(**{
        "ref": "BO-40", "sku_ref": "esim:8801:6", "product_ref": "esim:880", "kind": ProductKind.ESIM,
        "currency": "USD", "face_currency": "USD", **options})


def placed(**changes):
    """An order as the documented example tells it, pending."""
    return {**sample_value("octopus_cards/orders")[0], **changes}


def voucher_order(**changes):
    return {
        "id": 40030, "product_id": 311, "product_name": "Example Store Card", "denomination": 25.0, "quantity": 2,
        "amount": 50.0, "discount": 1.5, "client_reference": "BO-30", "wallet_id": 3, "status": "DELIVERED",
        "base_currency": "USD", "vouchers": [voucher("1"), voucher("2")], **changes}


def voucher(number):
    return {"card_number": f"EXMP-000{number}", "pin_code": "0001", "claim_url": None,
            "expires_at": "2027-09-01T00:00:00Z", "voucher_reference_number": None}


def esim_order(**changes):
    return {"id": 7700, "client_reference": "BO-40", "status": "DELIVERED", "product_name": "Travel", "country_code": "FRA",
            "data_amount_gb": 3, "validity_days": 30, "amount": 5.7, "currency": "USD",
            "activation_code": "LPA:1$smdp.example$CODE", "iccid": "8944000000000000005",
            "activation_status": "NOT_INSTALLED", "is_installed": False, **changes}


def charges(**changes):
    return answer({
        "non_discounted_total": 4.99, "discount_amount": 0.2495, "total_amount": 4.7405, "discount": 5.0,
        "total_payable": 4.7405, "charges_details": {
            "source_currency": "USD", "destination_currency": "USD", "forex_rate": None, "conversion_fee": None},
        **changes})


def converted(**changes):
    return charges(total_payable=88.32, charges_details={
        "source_currency": "USD", "destination_currency": "EUR", "forex_rate": 0.92, "conversion_fee": 0.0}, **changes)


def variant(**changes):
    return {"id": 5570, "name": "325 UC", "category": "In-Game Currency", "currency_code": "USD", "fixed_amounts": ["4.99"],
            "available_in": [{"code": "GLO", "name": "Global"}], "fields": {"par_value": "325 UC"}, **changes}


AMOUNT = Decimal("4.99")
