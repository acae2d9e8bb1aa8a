"""The command line: ``python3 -m fedvalue key|enrol|balance|contributions|verify``."""

from __future__ import annotations

import argparse
import json
import logging
import sys

from .client import Client
from .errors import FedValueError
from .keys import Key
from .transport import log


def main(arguments: list[str] | None = None) -> int:
    """Runs a command: 0 when it is done, 1 with one sentence on standard error when it is not, 130 when it was interrupted."""
    parser = argparse.ArgumentParser(prog="fedvalue", description="A participant's view of a FedValue federation.")
    commands = parser.add_subparsers(dest="command", required=True)
    key = commands.add_parser("key", help="make a key where the file does not exist, and print its public half")
    key.add_argument("--key", required=True, help="PEM file of the participant's key")
    for name, help_ in (
        ("enrol", "enrol the key with a token of the operator"),
        ("balance", "print what the participant is owed, in minor units"),
        ("contributions", "print values, errors and intervals as JSON"),
        ("verify", "check the whole ledger and every receipt that is kept"),
    ):
        command = commands.add_parser(name, help=help_)
        command.add_argument("--url", required=True, help="the server, such as https://fl.example.org")
        command.add_argument("--federation", required=True)
        command.add_argument("--participant", required=True)
        command.add_argument("--key", required=True, help="PEM file of the participant's key")
        command.add_argument("--state", help="file in which receipts are kept")
        command.add_argument("--ca", help="file of the authority that signed the server's certificate")
        command.add_argument("--patience", type=float, default=30, help="seconds to wait for a server that is away (30)")
        if name == "enrol":
            command.add_argument("--token", required=True)
            command.add_argument("--examples", type=int, required=True, help="how many training examples the participant holds")
        if name == "contributions":
            command.add_argument("--round", type=int)
    options = parser.parse_args(arguments)
    first, level = _First(), log.level
    log.addHandler(first)
    log.setLevel(logging.INFO)
    try:
        print(_run(options))
        return 0
    except (FedValueError, OSError) as wrong:
        print(f"fedvalue: {wrong}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("fedvalue: interrupted", file=sys.stderr)
        return 130
    finally:
        log.setLevel(level)
        log.removeHandler(first)


def _run(options: argparse.Namespace) -> str:
    if options.command == "key":
        return Key.load_or_generate(options.key).public_text
    key = Key.load_or_generate(options.key) if options.command == "enrol" else Key.load(options.key)
    with Client(
        options.url, options.federation, options.participant, key, state=options.state, ca_file=options.ca, patience=options.patience
    ) as client:
        match options.command:
            case "enrol":
                receipt = client.enrol(options.token, options.examples)
                return f"{options.participant} is enrolled: entry {receipt.index} of the ledger"
            case "balance":
                return str(client.balance())
            case "contributions":
                return json.dumps(client.contributions(options.round), indent=2)
            case _:
                report = client.verify_ledger()
                return (
                    f"{report.head.size} entries, root {report.head.root}: {report.signatures} signatures, {report.rounds_paid} rounds paid, "
                    f"{report.receipts} receipts hold; balance {report.balances.get(options.participant, 0)}"
                )


class _First(logging.Handler):
    """Says why a command waits, the first time and no more: nobody should wonder about half a minute of silence."""

    said = False

    def emit(self, record: logging.LogRecord) -> None:
        if not self.said or record.levelno >= logging.WARNING:
            print(f"fedvalue: {record.getMessage()}", file=sys.stderr, flush=True)
        self.said = True


if __name__ == "__main__":
    sys.exit(main())
