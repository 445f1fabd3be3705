"""The command ``serve``: the web application for planners."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Annotated

import typer

from coregion.errors import CoregionError

Progress = Callable[[bool], AbstractContextManager[Callable[[str, int, int], None]]]
PORT = 8642


def register(app: typer.Typer, progress: Progress) -> None:
    """Add the command. progress: shows how far the start is."""

    @app.command()
    def serve(
        study: Annotated[str, typer.Argument(help="A bundled study (jingjinji) or the folder of one.")],
        port: Annotated[int, typer.Option(help="Port to listen on; 0 for any that is free.", min=0, max=65535)] = PORT,
        host: Annotated[str, typer.Option(help="Address to listen on; other than loopback asks for a token.")] = (
            "127.0.0.1"
        ),
        token: Annotated[
            str, typer.Option(help="What a browser must show; made up and printed where one is needed.")
        ] = "",
    ) -> None:
        """Open a web page on which measures are chosen and the region answers, solved live."""
        from coregion.server.app import app_of
        from coregion.server.current import Current
        from coregion.server.limits import Limits
        from coregion.server.listen import bound, listen
        from coregion.server.served import serve_study

        access = access_for(host, token)
        opened = bound(host, port)
        with progress(False) as tell:
            tell("reading, calibrating", 0, 1)
            current = Current(serve_study(study), Limits())
            tell("reading, calibrating", 1, 1)
            current.warm(tell)
        typer.echo(f"Open {address(host, opened.getsockname()[1], access.token)} – stop with Ctrl-C.")
        listen(app_of(current, Limits(), access), opened)


def access_for(host: str, token: str):
    """Who may ask: on loopback anybody of this machine, elsewhere who shows the token; raises CoregionError."""
    import secrets

    from coregion.server.guard import LOOPBACK, Access
    from coregion.server.listen import is_loopback

    if token and not (len(token) >= 12 and token.isascii() and token.replace("-", "").replace("_", "").isalnum()):
        raise CoregionError("found a token that is too short or odd; expected 12 or more of A–Z, a–z, 0–9, - and _.")
    if is_loopback(host):
        return Access(token=token, hosts=(*LOOPBACK, host.strip("[]").lower()))
    return Access(token=token or secrets.token_urlsafe(24), hosts=())


def address(host: str, port: int, token: str) -> str:
    """What to type into a browser."""
    name = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return f"http://{name}:{port}/" + (f"?token={token}" if token else "")
