"""The command line: ``dialctl serve``, ``doctor``, ``check``, ``try``, ``outbox`` and ``demo``."""

import argparse
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import gevent
from gevent.event import Event

from dialctl import __version__, calls, checkup, config, judge, log, outbox, trial
from dialctl.errors import ConfigError
from dialctl.server import Server, serve_until
from dialctl.workers.share import Share
from dialctl.workers.supervisor import Supervisor

DEFAULT_DIRECTORIES = (Path("/etc/dialctl"), Path("conf"))


def main(argv: Sequence[str] | None = None) -> int:
    """The exit status: 0, or 1 when the configuration or the address cannot be used."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whom we print to reads no more (``| head``): nor shall the interpreter print at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dialctl", description="Call controller beside FreeSWITCH."
    )
    parser.add_argument("--version", action="version", version=f"dialctl {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="run the daemon in the foreground")
    _add_config(serve)
    serve.add_argument(
        "--check", action="store_true", help="only read the configuration and say what is wrong"
    )
    # What a supervisor starts its workers with.
    serve.add_argument("--worker", type=Share.read, help=argparse.SUPPRESS)
    serve.set_defaults(run=_serve)
    doctor = commands.add_parser("doctor", help="say what is wrong with this installation")
    _add_config(doctor)
    doctor.set_defaults(run=checkup.run)
    check = commands.add_parser("check", help="say what is wrong with a document")
    judge.add_arguments(check)
    check.set_defaults(run=judge.run)
    for command in calls.add_to(commands):
        _add_config(command)
        command.set_defaults(run=_calls)
    for command in outbox.add_to(commands):
        _add_config(command)
        command.set_defaults(run=_outbox)
    attempt = commands.add_parser("try", help="carry a document out on the built-in switch")
    trial.add_arguments(attempt)
    attempt.set_defaults(run=trial.run)
    demo = commands.add_parser("demo", help="place calls on the built-in switch and draw them")
    demo.add_argument(
        "--speed", type=float, default=5.0, help="seconds of call time in a second (default: 5)"
    )
    demo.set_defaults(run=_demo)
    return parser


def _add_config(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--config",
        type=Path,
        metavar="DIR",
        default=next(filter(Path.is_dir, DEFAULT_DIRECTORIES), DEFAULT_DIRECTORIES[-1]),
        help="folder of dialctl.yaml, apps.yaml and routes.yaml "
        "(default: /etc/dialctl, else ./conf)",
    )


def _serve(arguments: argparse.Namespace) -> int:
    directory = arguments.config
    loaded = config.load(directory)
    if arguments.check:
        for warning in loaded.warnings:
            print(f"warning: {warning}")
        print(f"{directory}: the configuration can be used")
        return 0
    log.set_up(loaded.settings.log)
    for warning in loaded.warnings if not arguments.worker else ():
        logging.getLogger("dialctl.config").warning("%s", warning)
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, stop.set)
    settings, share = loaded.settings, arguments.worker
    if share:
        gevent.spawn(share.outlive, stop)
        serve_until(Server(share.of(settings), share=share), stop)
    elif settings.workers > 1:
        Supervisor(settings, directory).run(stop)
    else:
        serve_until(Server(settings), stop)
    return 0


def _calls(arguments: argparse.Namespace) -> int:
    return calls.run(arguments, config.load(arguments.config).settings)


def _outbox(arguments: argparse.Namespace) -> int:
    return outbox.run(arguments, config.load(arguments.config).settings)


def _demo(arguments: argparse.Namespace) -> int:
    from dialctl.switch.demo import run  # the built-in switch is not loaded beside a real one

    return run(speed=arguments.speed)
