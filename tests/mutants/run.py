#!/usr/bin/env python3
"""Mutation check of the engine: one build for all mutants, then the tests once for each.

    cargo install cargo-mutants --locked
    python3 tests/mutants/run.py [--seed 1] [--count 300] [--shard K/N] [--again 17,18] [--list-only]

cargo-mutants says what can be changed; as many changes as asked for are drawn by the seed, and all of them are built
into one copy of the workspace. There each function that has mutants chooses its body by the variable CRAWLSPACE_MUTANT.
README.md beside this file tells the method, and the figures of the last run.
"""
import argparse, collections, fcntl, functools, hashlib, json, os, pathlib, random, re, resource, shutil, signal, subprocess, sys, time

ROOT = pathlib.Path(__file__).resolve().parents[2]

# What decides. The digest, the sitemap reader and the codec have fuzz targets and references of their own.
MODULES = ["engine/**", "store/**", "report/**", "config/**", "robots/**"] + [
    f"{name}.rs"
    for name in ("failure", "fetch", "identity", "limit", "seed", "spec", "time", "header/date", "header/rate_limit")
    + ("header/redirect", "header/retry_after", "header/robots_tag")
]

# Whose tests judge. Those of the digest alone do not reach these modules, and one reads the core's sources, in which
# the switch itself would stand out.
PACKAGES = ["crawlspace", "crawlspace-sim", "crawlspace-drive", "crawlspace-simulation"]
LEFT_OUT = {"purity"} | {f"digest_{what}" for what in ("hostile", "links", "markdown", "resolve", "scanner", "table", "vectors")}

SWITCH = """
/// Which mutant is switched on; 0 is none.
fn mutant() -> u32 {
    static ON: std::sync::LazyLock<u32> = std::sync::LazyLock::new(|| {
        std::env::var("CRAWLSPACE_MUTANT").ok().and_then(|number| number.parse().ok()).unwrap_or(0)
    });
    *ON
}
"""

# Each test sees the same draws in each run, and stops at the first that fails without looking for a smaller one.
TEST_ENVIRONMENT = {
    "PROPTEST_DISABLE_FAILURE_PERSISTENCE": "true",
    "PROPTEST_MAX_SHRINK_ITERS": "0",
    "PROPTEST_RNG_SEED": "1",
    "RUST_BACKTRACE": "0",
    # `--fail-fast` of test programs is for nightly compilers still; this lets it through.
    "RUSTC_BOOTSTRAP": "1",
    "RUST_TEST_THREADS": "1",
}
# Tests run often, so they are worth some optimisation; overflow and debug assertions stay checked.
BUILD_ENVIRONMENT = {"CARGO_PROFILE_DEV_OPT_LEVEL": "1", "CARGO_TERM_COLOR": "never"}
MEMORY = 6 << 30


# --- what there is to change


def catalogue():
    """All mutants that cargo-mutants knows in these modules, in its order."""
    globs = [part for module in MODULES for part in ("--file", f"core/src/{module}")]
    command = ["cargo", "mutants", "--list", "--json", "--package", "crawlspace", *globs]
    listed = json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
    return [mutant for mutant in listed if mutant.get("function")]


def order_of_draw(mutants, seed):
    """All of them in an order of which every beginning is spread over the files by their number of mutants."""
    draw = random.Random(seed)
    files = collections.defaultdict(list)
    for mutant in mutants:
        files[mutant["file"]].append(mutant)
    keyed = []
    for name in sorted(files):
        draw.shuffle(files[name])
        keyed += [((index + draw.random()) / len(files[name]), mutant) for index, mutant in enumerate(files[name])]
    return [mutant for _, mutant in sorted(keyed, key=lambda pair: pair[0])]


def cannot_switch(mutant, source):
    """Why this mutant cannot be chosen at run time, if so."""
    head = source.signature(mutant["function"]["span"])
    if re.search(r"\bconst\s+fn\b", head):
        return "const fn"
    if re.search(r"\bimpl\b", mutant["function"]["return_type"]):
        return "returns impl Trait"
    return None


# --- all of them in one copy


class Source:
    """A file, addressed by lines and columns as in cargo-mutants' spans."""

    def __init__(self, path):
        self.text = path.read_text()
        self.starts = [0]
        for line in self.text.split("\n"):
            self.starts.append(self.starts[-1] + len(line) + 1)

    def range(self, span):
        return tuple(self.starts[span[end]["line"] - 1] + span[end]["column"] - 1 for end in ("start", "end"))

    def body(self, span):
        """Where the body of the function with this span is, without its braces."""
        start, end = self.range(span)
        skipped = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\])*"', re.S)
        at = start
        while self.text[at] != "{":
            comment = skipped.match(self.text, at)
            at = comment.end() if comment else at + 1
        return at + 1, self.text.rindex("}", start, end)

    def signature(self, span):
        return self.text[self.range(span)[0] : self.body(span)[0]]

    def mutated(self, mutant):
        """The function's body with one change."""
        begin, end = self.body(mutant["function"]["span"])
        start, stop = self.range(mutant["span"])
        if mutant["genre"] == "FnValue":
            return mutant["replacement"]
        if mutant["genre"] in ("MatchArm", "StructField") and self.text[stop] == ",":
            stop += 1
        return self.text[begin:start] + mutant["replacement"] + self.text[stop:end]


def instrument(tree, mutants):
    """Writes the core's sources with a switch for each of these mutants, `{number: mutant}`."""
    files = collections.defaultdict(lambda: collections.defaultdict(list))
    for number, mutant in mutants.items():
        files[mutant["file"]][json.dumps(mutant["function"]["span"])].append(number)
    for path in (ROOT / "core/src").rglob("*.rs"):
        name, source = path.relative_to(ROOT).as_posix(), Source(path)
        text = source.text
        functions = sorted(((source.body(json.loads(span)), numbers) for span, numbers in files[name].items()), reverse=True)
        if any(end > behind for ((_, end), _), ((behind, _), _) in zip(functions[1:], functions)):
            sys.exit(f"{name}: mutants of a function and of one within it cannot be had at once")
        for (begin, end), numbers in functions:
            arms = "".join(f"{n} => {{ /*<{n}*/\n{source.mutated(mutants[n])}\n/*{n}>*/ }}\n" for n in numbers)
            text = f"{text[:begin]} match crate::mutant() {{\n{arms}_ => {{\n{text[begin:end]}\n}}\n}} {text[end:]}"
        write(tree / name, text + (SWITCH if name == "core/src/lib.rs" else ""))


def write(path, text):
    """Leaves a file alone that is the same already, so that cargo does, too."""
    if not path.exists() or path.read_text() != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def copy(tree):
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True, stdout=subprocess.PIPE)
    for name in filter(None, listed.stdout.decode().split("\0")):
        source, target = ROOT / name, tree / name
        if name.startswith("core/src/") or not source.is_file():
            continue  # written by `instrument`
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)


def cargo(arguments, tree, target):
    environment = os.environ | BUILD_ENVIRONMENT | {"CARGO_TARGET_DIR": str(target)}
    done = subprocess.run(["cargo", *arguments, "--message-format=json"], cwd=tree, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    messages = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return done, messages


def unviable(tree, target):
    """The numbers of the mutants that the compiler refuses."""
    done, messages = cargo(["build", "--package", "crawlspace", "--lib", "--all-features"], tree, target)
    found = set()
    for message in messages:
        if message["reason"] != "compiler-message" or message["message"]["level"] != "error":
            continue
        spans = message["message"]["spans"]
        numbers = {arms(tree / span["file_name"]).get(span["line_start"]) for span in spans} - {None}
        if spans and not numbers:
            sys.exit(f"this error belongs to no mutant:\n{message['message']['rendered']}")
        found |= numbers
    if done.returncode and not found:
        sys.exit(done.stderr)
    return found


@functools.cache
def arms_of(path, _changed):
    """Which lines belong to which mutant."""
    lines, inside = {}, None
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if begins := re.search(r"/\*<(\d+)\*/", line):
            inside = int(begins[1])
        if inside:
            lines[number] = inside
        if re.search(r"/\*\d+>\*/", line):
            inside = None
    return lines


def arms(path):
    return arms_of(path, path.stat().st_mtime_ns)


def name_of_sources():
    """Changes with whatever is mutated."""
    sources = sorted((ROOT / "core/src").rglob("*.rs"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]


def choose(drawn, count, tree, target, remembered):
    """The first so many that can be chosen at run time and compile, by number; and what was passed over, and why."""
    chosen, passed, sources = {}, [], {}
    refused = set(json.loads(remembered.read_text())) if remembered.exists() else set()
    waiting = iter(enumerate(drawn, 1))
    while True:
        while len(chosen) < count and (following := next(waiting, None)):
            number, mutant = following
            source = sources.setdefault(mutant["file"], Source(ROOT / mutant["file"]))
            if why := cannot_switch(mutant, source) or ("does not compile" if mutant["name"] in refused else None):
                passed.append((mutant, why))
            else:
                chosen[number] = mutant
        instrument(tree, chosen)
        found = unviable(tree, target)
        if not found:
            remembered.write_text(json.dumps(sorted(refused)))
            return chosen, passed
        removed = [chosen.pop(number) for number in sorted(found)]
        refused |= {mutant["name"] for mutant in removed}
        passed += [(mutant, "does not compile") for mutant in removed]


# --- the tests


class Suite:
    """A built test program."""

    def __init__(self, message):
        self.name = message["target"]["name"] + ("" if "test" in message["target"]["kind"] else " (unit)")
        self.program = message["executable"]
        self.folder = pathlib.Path(message["manifest_path"]).parent
        self.seconds = None

    def run(self, number):
        """`passed`, `failed`, or `timed out`: by processor time, which other work on the machine does not change."""
        limit = None if self.seconds is None else int(5 * self.seconds) + 2

        def confine():
            os.setsid()
            os.nice(5)
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            if limit:
                resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))

        environment = os.environ | TEST_ENVIRONMENT | {"CRAWLSPACE_MUTANT": str(number), "CARGO_MANIFEST_DIR": str(self.folder)}
        process = subprocess.Popen([self.program, "--quiet", "-Z", "unstable-options", "--fail-fast"], cwd=self.folder, env=environment, preexec_fn=confine, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            # What sleeps or waits uses no processor time.
            code = process.wait(30 * limit if limit else 1800)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return "timed out"
        return {0: "passed", -signal.SIGXCPU: "timed out", -signal.SIGKILL: "timed out"}.get(code, "failed")

    def measure(self, known):
        """Without any mutant: must pass, and tells how long it takes."""
        key = f"{self.program} {os.stat(self.program).st_mtime_ns}"
        if key not in known:
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            if (result := self.run(0)) != "passed":
                sys.exit(f"{self.name} {result} without any mutant: {self.program}")
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            known[key] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        self.seconds = known[key]


def build(tree, target, measured):
    """All test programs, the quickest first. How long they take is kept in a file, for the next time and shard."""
    packages = [part for package in PACKAGES for part in ("--package", package)]
    done, messages = cargo(["test", "--no-run", "--all-features", *packages], tree, target)
    if done.returncode:
        told = [message["message"] for message in messages if message["reason"] == "compiler-message"]
        sys.exit("".join(one["rendered"] for one in told if one["level"] == "error") + done.stderr)
    built = [message for message in messages if message.get("executable") and message["profile"]["test"]]
    suites = [suite for suite in map(Suite, built) if suite.name not in LEFT_OUT]
    known = json.loads(measured.read_text()) if measured.exists() else {}
    for suite in suites:
        suite.measure(known)
        measured.write_text(json.dumps(known))
    return sorted(suites, key=lambda suite: suite.seconds)


def judge(number, suites):
    """What becomes of a mutant, and through which suite."""
    for suite in suites:
        result = suite.run(number)
        if result != "passed":
            return result, suite.name
    return "survived", ""


# --- the figures


def module(mutant):
    parts = pathlib.PurePath(mutant["file"]).relative_to("core/src").parts
    return parts[0].removesuffix(".rs") if parts[0] != "engine" or len(parts) == 1 else "/".join(parts[:2]).removesuffix(".rs")


def table(chosen, passed, results):
    columns = ("does not compile", "const fn", "returns impl Trait", "judged", "failed", "timed out", "survived")
    rows = collections.defaultdict(collections.Counter)
    for mutant, why in passed:
        rows[module(mutant)][why] += 1
    for number, (result, _) in results.items():
        rows[module(chosen[number])]["judged"] += 1
        rows[module(chosen[number])][result] += 1
    yield f"| module | {' | '.join(columns)} |"
    yield "|---" * (len(columns) + 1) + "|"
    for name in sorted(rows):
        yield f"| {name} | {' | '.join(str(rows[name][column] or '') for column in columns)} |"
    total = sum(rows.values(), collections.Counter())
    yield f"| **all** | {' | '.join(str(total[column]) for column in columns)} |"
    yield "\n| caught first by | mutants |\n|---|---|"
    for name, caught in collections.Counter(suite for _, suite in results.values() if suite).most_common():
        yield f"| `{name}` | {caught} |"
    yield "\nsurvived:"
    yield from (f"{number} {chosen[number]['name']}" for number in sorted(results) if results[number][0] == "survived")


def read_results(path, chosen):
    """What is known from this run and those before it; of two lines about a mutant, the later one counts."""
    results = {}
    for line in path.read_text().splitlines() if path.exists() else []:
        number, result, suite, _, name = line.split("\t")
        if chosen.get(int(number), {}).get("name") == name:
            results[int(number)] = (result, suite)
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--shard", default="0/1", help="K/N: every N-th of the mutants drawn, from the K-th on (0 is the first)")
    parser.add_argument("--again", help="numbers of the draw, by commas: these alone, judged before or not")
    parser.add_argument("--list-only", action="store_true", help="print the draw, and neither build nor test it")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "target/mutants", help="folder of the copy, its build and the results")
    options = parser.parse_args()
    drawn = order_of_draw(catalogue(), options.seed)
    if options.list_only:
        for number, mutant in enumerate(drawn[: options.count], 1):
            print(number, mutant["name"])
        return
    work = options.work.absolute()
    tree, target, name = work / "tree", work / "build", name_of_sources()
    judged = work / f"results-{name}.tsv"
    work.mkdir(parents=True, exist_ok=True)
    with (work / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # shards share the copy and its build
        copy(tree)
        chosen, passed = choose(drawn, options.count, tree, target, work / f"refused-{name}.json")
        print(f"{len(chosen)} of {len(drawn)} mutants chosen, {len(passed)} passed over", flush=True)
        suites = build(tree, target, work / "seconds.json")
    print("without any mutant, seconds:", ", ".join(f"{suite.name} {suite.seconds:.1f}" for suite in suites), flush=True)
    known = read_results(judged, chosen)
    shard, shards = map(int, options.shard.split("/"))
    todo = [int(number) for number in options.again.split(",")] if options.again else [n for n in list(chosen)[shard::shards] if n not in known]
    for number in todo:
        begun = time.monotonic()
        result, suite = judge(number, suites)
        line = f"{number}\t{result}\t{suite}\t{time.monotonic() - begun:.0f} s\t{chosen[number]['name']}"
        with judged.open("a") as file:
            print(line, file=file)
        print(line, flush=True)
    print(*table(chosen, passed, read_results(judged, chosen)), sep="\n")


if __name__ == "__main__":
    main()
