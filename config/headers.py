"""Headers that every answer of ours carries, an error's as well."""


def no_store(get_response):
    """Nothing that a page says is kept by a browser or a proxy, unless the view says otherwise. Static files are not
    concerned: they are served before this.
    """

    def respond(request):
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return respond
