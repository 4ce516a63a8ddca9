"""Single rows of Octopus Cards' reference data, for a person who looks into something. No order depends on them."""

READS = {
    "getVoucherProduct": "/products/{id}",
    "getWallet": "/wallets/{id}",
    "getTransaction": "/transactions/{id}",
    "listCountries": "/countries",
    "getCountry": "/countries/{id}",
    "getCategory": "/categories/{id}",
    "getSubcategory": "/subcategories/{id}",
}


class Reference:
    """The part of the client that reads what nothing else needs; the client gives it `_read`."""

    reads = READS

    def read_reference(self, operation, number=None):
        return self._read(operation, READS[operation], number)
