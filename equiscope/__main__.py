"""The command `equiscope`: serves the app on this machine, or leads to one of the commands of `core`."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from equiscope import __version__


class Command(NamedTuple):
    """A command of `core`: the module whose `main(arguments, prog)` it is, and what it does, in a sentence."""

    module: str
    summary: str


COMMANDS = {
    "measure": Command("core.equivariance.__main__", "Prints the equivariance error of networks as a table."),
    "train": Command("core.training.__main__", "Trains one network on MNIST-Scale and writes its checkpoint."),
    "sweep": Command("core.training.sweep", "Trains every network of a grid of experiments, a process per core."),
}
USUAL_PORT = 8501
_LARGEST_PORT = 65_535


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status; 2 for arguments that are refused."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if arguments and arguments[0] in COMMANDS:
        name, *rest = arguments
        return import_module(COMMANDS[name].module).main(rest, prog=f"equiscope {name}")
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command:
        parser.error(f"{options.command} comes first, and what follows it is {options.command}'s own")
    return serve(options.port)


def serve(port: int = USUAL_PORT) -> int:
    """Serves the app until the process is ended, on 127.0.0.1 and as `.streamlit/config.toml` beside `app.py` says.

    Streamlit reads that file last, so that no configuration of the folder one stands in changes the app; a variable
    of the environment, as STREAMLIT_SERVER_ADDRESS in a container, still does.
    """
    from streamlit.web import cli  # half a second that the other commands need not wait for

    return cli.main(["run", str(app_script()), "--server.port", str(port)], prog_name="streamlit") or 0


def app_script() -> Path:
    """app.py: beside this file in an installed package, a folder higher in a checkout."""
    here = Path(__file__).resolve().parent
    beside = here / "app.py"
    return beside if beside.is_file() else here.parent / "app.py"


def _parser() -> argparse.ArgumentParser:
    listed = "\n".join(f"  {name:<9}{command.summary}" for name, command in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="equiscope",
        description="Serves the app on 127.0.0.1 when no command is named.",
        epilog=f"commands, each with a --help of its own:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", nargs="?", choices=COMMANDS, metavar="command", help="one of those below")
    parser.add_argument("--port", type=_port, default=USUAL_PORT, help=f"of the app, {USUAL_PORT} if not named")
    parser.add_argument("--version", action="version", version=f"equiscope {__version__}")
    return parser


def _port(text: str) -> int:
    port = int(text) if text.isdecimal() else 0
    if not 0 < port <= _LARGEST_PORT:
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to {_LARGEST_PORT}, got {text!r}")
    return port


if __name__ == "__main__":
    sys.exit(main())
