#!/usr/bin/env python3
"""Runs link checkers side by side over one generated site, in turns, and prints a table.

    cargo build --release --bin crawlspace --bin generated-site
    python3 tests/peers/compare.py [--pages 10000] [--bytes 20000] [--links 60] [--seed 2] [--runs 3] [NAME=PROGRAM …]

Each NAME is one of the adapters below, each PROGRAM the path of that checker; crawlspace itself always runs, over both
transports. Nothing is fetched from outside this machine. The server is a program beside them on the same machine, so
only figures of one run compare.
"""
import argparse, json, os, pathlib, re, statistics, subprocess, sys, tempfile, time
from urllib.parse import quote, unquote, urlsplit

HERE = pathlib.Path(__file__).resolve().parent
RELEASE = pathlib.Path(os.environ.get("CARGO_TARGET_DIR") or HERE.parents[1] / "target") / "release"
OURS = "{program} check {site} --concurrency 100 --per-host 100 --timeout 30 --retries 0 --quiet --format jsonl"


def jsonl(text):
    rows = [json.loads(line) for line in text.splitlines()]
    broken = [row["url"] for row in rows if row["severity"] == "error" and row["class"] != "dead-fragment"]
    return broken, [row["url"] + "#" + row["fragment"] for row in rows if row["class"] == "dead-fragment"]


def lychee(text):
    rows = [row for key in ("error_map", "fail_map", "timeout_map") for rows in (json.loads(text).get(key) or {}).values() for row in rows]
    dead = [row["url"] for row in rows if "ragment" in json.dumps(row.get("status"))]
    return [row["url"] for row in rows if row["url"] not in dead], dead


def muffet(text):
    links = [link for page in json.loads(text) or [] for link in page.get("links") or [] if "error" in link]
    dead = [link["url"] for link in links if link["error"].startswith("id #")]
    return [link["url"] for link in links if link["url"] not in dead], dead


def linkinator(text):
    links = [link for link in json.loads(text)["links"] if link["state"] == "BROKEN"]
    dead = [link["url"] for link in links if "#" in link["url"] and link.get("status") == 200]
    return [link["url"] for link in links if link["url"] not in dead], dead


def hydra(text):
    return re.findall(r"^  url:     (.*)$", text, re.M), []


# lychee does not follow links from page to page: it is given all pages.
ADAPTERS = {
    "crawlspace": (OURS + " --transport hyper", jsonl),
    "crawlspace-ureq": (OURS + " --transport ureq", jsonl),
    "lychee": ("{program} --no-progress --format json --max-retries 0 --timeout 30 --accept 200..=299 --include-fragments --max-concurrency 100 --host-concurrency 100 --host-request-interval 0s --files-from {pages}", lychee),
    "muffet": ("{program} --max-connections 100 --max-connections-per-host 100 --max-redirections 10 --timeout 30 --format json {site}", muffet),
    "linkinator": ("{program} {site} --recurse --check-fragments --concurrency 100 --timeout 30000 --format json", linkinator),
    "hydra": (sys.executable + " {program} {site}", hydra),
}


def path_of(url):
    """Path and query in one spelling."""
    parts = urlsplit(url)
    text = (parts.path or "/") + ("?" + parts.query if parts.query else "") + ("#" + parts.fragment if parts.fragment else "")
    return quote(unquote(text), safe="/?=&%:@!$'()*+,;~-._#")


def run(command, timeout):
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile() as err:
        began = time.perf_counter()
        process = subprocess.Popen(command.split(), stdout=out, stderr=err, stdin=subprocess.DEVNULL)
        while True:
            pid, _, used = os.wait4(process.pid, os.WNOHANG)
            wall = time.perf_counter() - began
            if pid:
                break
            if wall > timeout:
                process.kill()
                os.wait4(process.pid, 0)
                return None
            time.sleep(0.002)
        out.seek(0)
        return {"wall": wall, "cpu": used.ru_utime + used.ru_stime, "mb": used.ru_maxrss / 1024, "text": out.read()}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in (("pages", 10_000), ("bytes", 20_000), ("links", 60), ("seed", 2), ("runs", 3), ("timeout", 300)):
        arguments.add_argument("--" + name, type=int, default=value)
    arguments.add_argument("peers", nargs="*", metavar="NAME=PROGRAM")
    given = arguments.parse_args()
    tools = {"crawlspace": RELEASE / "crawlspace", "crawlspace-ureq": RELEASE / "crawlspace"}
    tools.update(peer.split("=", 1) for peer in given.peers)
    for name in tools:
        if name not in ADAPTERS:
            sys.exit(f"{name}: no adapter; there are {', '.join(ADAPTERS)}")

    for program in [RELEASE / "generated-site", *tools.values()]:
        if not os.access(program, os.X_OK) and not str(program).endswith(".py"):
            sys.exit(f"{program}: not a program that can be run; crawlspace's own are built by: cargo build --release --bin crawlspace --bin generated-site")

    with tempfile.TemporaryDirectory() as folder:
        truth_file, pages_file = f"{folder}/truth.json", f"{folder}/pages.txt"
        server = subprocess.Popen([RELEASE / "generated-site", str(given.pages), str(given.bytes), str(given.links), str(given.seed), truth_file], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        site = server.stdout.readline().strip()
        truth = {name: {path_of(url) for url in urls} for name, urls in json.load(open(truth_file)).items()}
        with open(pages_file, "w") as file:
            file.writelines(site + url + "\n" for url in sorted(truth["pages"]))

        def counts():
            server.stdin.write("\n")
            server.stdin.flush()
            return json.loads(server.stdout.readline())

        results = {name: [] for name in tools}
        for turn in range(given.runs):
            for name, program in tools.items():
                command, read = ADAPTERS[name]
                if None in results[name]:
                    continue
                counts()
                result = run(command.format(program=program, site=site + "/", pages=pages_file), given.timeout)
                results[name].append(result)
                if result:
                    result.update(counts())
                    # Links that are no URLs of the site are left out: every checker words them in its own way.
                    broken, dead = ({path_of(url) for url in urls if url.startswith(site + "/")} for urls in read(result.pop("text")))
                    result["covered"] = {path_of(path) for path in result.pop("paths")} & truth["urls"]
                    result["found"], result["false"] = len(broken & truth["broken"]), len(broken - truth["broken"] - truth["disallowed"])
                    result["dead"] = len(dead & truth["fragments"])
                print(f"{name}, run {turn + 1}: " + (f"{result['wall']:.2f} s" if result else f"not done in {given.timeout} s"), file=sys.stderr)
        server.stdin.close()
        server.wait()

    print("| checker | wall s (min-max) | CPU s | CPU µs a URL | MB | requests | URLs covered | broken found | false | dead fragments |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name, runs in results.items():
        if None in runs:
            print(f"| {name} | > {given.timeout} | | | | | | | | |")
            continue
        middle = lambda key: statistics.median(result[key] for result in runs)
        walls, last = [result["wall"] for result in runs], runs[-1]
        print(f"| {name} | {middle('wall'):.2f} ({min(walls):.2f}-{max(walls):.2f}) | {middle('cpu'):.2f} | {middle('cpu') / max(1, len(last['covered'])) * 1e6:.0f} | {middle('mb'):.0f} | {last['requests']} | {len(last['covered'])}/{len(truth['urls'])} | {last['found']}/{len(truth['broken'])} | {last['false']} | {last['dead']}/{len(truth['fragments'])} |")


if __name__ == "__main__":
    main()
