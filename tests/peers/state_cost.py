#!/usr/bin/env python3
"""What keeping a state (`--state`) costs: the same check without and with it, both at once.

    cargo build --release --bin crawlspace --bin generated-site
    python3 tests/peers/state_cost.py [--pages 10000] [--runs 25] [--transport ureq] [--instructions] [--program FILE] [URL]

Each of a pair has a processor of its own, and they swap it from pair to pair: what disturbs one disturbs the other, too.
Prints the ratio of their CPU time (user and system; the median of the pairs and its quartiles), and the sizes of the
state's files. `--null` keeps no state in either, which shows how far the measurement can be trusted. With `--instructions`
each is run once under callgrind, which counts instructions outside the kernel, the same on a machine that others use. URL is
a site that is served already; otherwise one is generated.
"""
import argparse, os, pathlib, re, shutil, statistics, subprocess, sys, tempfile

HERE = pathlib.Path(__file__).resolve().parent
RELEASE = pathlib.Path(os.environ.get("CARGO_TARGET_DIR") or HERE.parents[1] / "target") / "release"


def start(command, processor=None):
    pin = (lambda: os.sched_setaffinity(0, {processor})) if processor is not None else None
    return subprocess.Popen(command, preexec_fn=pin, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)


def used_by(process):
    """User and system seconds of a process, once it has ended."""
    said = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        sys.exit(f"{process.args}: {said}")
    return used.ru_utime, used.ru_stime, said


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in (("pages", 10_000), ("bytes", 20_000), ("links", 60), ("seed", 2), ("runs", 25)):
        arguments.add_argument("--" + name, type=int, default=value)
    arguments.add_argument("--transport", default="hyper")
    arguments.add_argument("--null", action="store_true")
    arguments.add_argument("--instructions", action="store_true")
    arguments.add_argument("--program", default=RELEASE / "crawlspace")
    arguments.add_argument("url", nargs="?")
    given = arguments.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        site, server = given.url, None
        if not site:
            shape = [str(number) for number in (given.pages, given.bytes, given.links, given.seed)]
            server = subprocess.Popen([RELEASE / "generated-site", *shape, f"{folder}/truth"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            site = server.stdout.readline().strip() + "/"
        plain = f"{given.program} check {site} --concurrency 100 --per-host 100 --timeout 30 --retries 0 --quiet --format jsonl --transport {given.transport}".split()
        state = pathlib.Path(folder, "state")
        kept = [*plain, "--state", str(state)]

        if given.instructions:
            count = {}
            for name, command in (("without", plain), ("with", kept)):
                _, _, said = used_by(start(["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/counts", *command]))
                count[name] = int(re.search(r"refs:\s*([\d,]+)", said)[1].replace(",", ""))
            print(f"instructions: {count['without']:,} without, {count['with']:,} with: {count['with'] / count['without'] - 1:+.1%}")
        else:
            processors = sorted(os.sched_getaffinity(0))[:2]
            ratios, users, systems, totals = [], [], [], []
            for turn in range(given.runs):
                # A state that is there would be read first.
                shutil.rmtree(state, ignore_errors=True)
                one, other = processors[turn % 2], processors[(turn + 1) % 2]
                pair = start(plain, one), start(plain if given.null else kept, other)
                (user, system, _), (user_kept, system_kept, _) = map(used_by, pair)
                totals.append(user + system)
                ratios.append((user_kept + system_kept) / (user + system) - 1)
                users.append(user_kept - user)
                systems.append(system_kept - system)
            low, middle, high = statistics.quantiles(ratios, n=4)
            print(f"with/without: {middle:+.1%} (quartiles {low:+.1%}, {high:+.1%}, {given.runs} pairs); of {statistics.median(totals) * 1e3:.0f} ms, user {statistics.median(users) * 1e3:+.0f} ms, system {statistics.median(systems) * 1e3:+.0f} ms")
        if state.exists():
            print("state:", ", ".join(f"{file.name} {file.stat().st_size:,}" for file in sorted(state.iterdir())))
        if server:
            server.stdin.close()
            server.wait()


if __name__ == "__main__":
    main()
