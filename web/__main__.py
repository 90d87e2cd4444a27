"""Runs the portal: `python -m web --host 127.0.0.1 --port 8080`."""

import argparse

import uvicorn

from migrations import WrongVersion, demand_current
from runtime.database import installation_engine
from web.app import create_app
from web.watchman import start_watchman


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m web", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    chosen = parser.parse_args()
    demand_this_version()
    app = create_app()
    start_watchman(app.state.desk)
    uvicorn.run(app, host=chosen.host, port=chosen.port, server_header=False, date_header=True)


def demand_this_version() -> None:
    """A database of another version is refused before anybody meets an error in it."""
    try:
        demand_current(installation_engine())
    except WrongVersion as wrong:
        raise SystemExit(str(wrong)) from None


if __name__ == "__main__":
    main()
