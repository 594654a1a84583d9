#!/usr/bin/env python3
"""What keeping a state (`--state`) costs: the same check without and with it, in turns.

    cargo build --release --bin crawlspace --bin generated-site
    python3 tests/peers/state_cost.py [--pages 10000] [--runs 9] [--transport ureq] [--instructions] [--program FILE] [URL]

Prints user and system CPU seconds of the command (median of the runs) and their ratio, and the sizes of the state's
files. With `--instructions` each is run once under callgrind, which counts instructions outside the kernel, the same
on a machine that others use. URL is a site that is served already; otherwise one is generated.
"""
import argparse, os, pathlib, re, shutil, statistics, subprocess, sys, tempfile

HERE = pathlib.Path(__file__).resolve().parent
RELEASE = pathlib.Path(os.environ.get("CARGO_TARGET_DIR") or HERE.parents[1] / "target") / "release"


def run(command, before=()):
    process = subprocess.Popen([*before, *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
    said = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        sys.exit(f"{command}: {said}")
    return used.ru_utime, used.ru_stime, said


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in (("pages", 10_000), ("bytes", 20_000), ("links", 60), ("seed", 2), ("runs", 9)):
        arguments.add_argument("--" + name, type=int, default=value)
    arguments.add_argument("--transport", default="hyper")
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
        ways = {"without": plain, "with": [*plain, "--state", str(state)]}

        if given.instructions:
            count = {}
            for name, command in ways.items():
                _, _, said = run(command, ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/counts"])
                count[name] = int(re.search(r"refs:\s*([\d,]+)", said)[1].replace(",", ""))
            print(f"instructions: {count['without']:,} without, {count['with']:,} with: {count['with'] / count['without'] - 1:+.1%}")
        else:
            used = {name: [] for name in ways}
            for turn in range(given.runs):
                for name in sorted(ways, reverse=turn % 2 == 0):
                    # A state that is there would be read first.
                    shutil.rmtree(state, ignore_errors=True)
                    used[name].append(run(ways[name])[:2])
            middle = {name: [statistics.median(numbers) for numbers in zip(*((user, system, user + system) for user, system in runs))] for name, runs in used.items()}
            for name, (user, system, total) in middle.items():
                print(f"{name:8} user {user:.3f} s, system {system:.3f} s, together {total:.3f} s")
            ratios = sorted(sum(kept) / sum(plain) for plain, kept in zip(used["without"], used["with"]))
            print(f"with/without: {middle['with'][2] / middle['without'][2] - 1:+.1%}; of the pairs: {' '.join(f'{ratio - 1:+.1%}' for ratio in ratios)}")
        # The last run may have been one without.
        shutil.rmtree(state, ignore_errors=True)
        run(ways["with"])
        print("state:", ", ".join(f"{file.name} {file.stat().st_size:,}" for file in sorted(state.iterdir())))
        if server:
            server.stdin.close()
            server.wait()


if __name__ == "__main__":
    main()
