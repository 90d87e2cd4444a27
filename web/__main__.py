"""Runs the portal: `python -m web --host 127.0.0.1 --port 8080`."""

import argparse

import uvicorn

from web.app import create_app
from web.watchman import start_watchman


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m web", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    chosen = parser.parse_args()
    app = create_app()
    start_watchman(app.state.desk)
    uvicorn.run(app, host=chosen.host, port=chosen.port, server_header=False, date_header=True)


if __name__ == "__main__":
    main()
