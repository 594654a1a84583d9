//! Answers that no well-behaved server gives, byte by byte.

use crate::case::{Case, Expect, bytes, scripted};
use crawlspace::{Failure, Method, Phase, Protocol};
use crawlspace_tests::encode;
use crawlspace_tests::scripted::Script;
use std::time::Duration;

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n";
const CHUNKED: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n";
const WHOLE: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nbody";

const CLOSED: Expect = Expect::Failed(Failure::Closed);
const TRUNCATED: Expect = Expect::Failed(Failure::Truncated);
const MALFORMED: Expect = Expect::Failed(Failure::Protocol(Protocol::Malformed));
const TOO_LARGE: Expect = Expect::Failed(Failure::Protocol(Protocol::HeadTooLarge));

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = ends();
    cases.extend(slow());
    cases.extend(heads());
    cases.extend(informational());
    cases.extend(framing());
    cases.extend(chunks());
    cases.extend(caps());
    cases
}

fn body() -> Expect {
    Expect::Body(200, b"body".to_vec())
}

fn ends() -> Vec<Case> {
    let head_only = || Script::answer(format!("{HEAD}Content-Length: 100\r\n\r\n"));
    vec![
        bytes(
            "X10 closed before Content-Length is reached",
            format!("{HEAD}Content-Length: 100\r\n\r\nbody"),
            TRUNCATED,
        ),
        bytes("X10 closed after a chunk", format!("{CHUNKED}4\r\nbody\r\n"), TRUNCATED),
        bytes("X10 closed within a chunk", format!("{CHUNKED}8\r\nbody"), TRUNCATED),
        bytes("X10 closed within the last chunk", format!("{CHUNKED}4\r\nbody\r\n0\r\n"), TRUNCATED),
        bytes("the end of the connection ends the body", format!("{HEAD}\r\nbody"), body()),
        scripted("X9 closed before the head", Script::read(), CLOSED),
        bytes("X9 closed within the status line", "HTTP/1.1 2", CLOSED),
        bytes("X9 closed within the head", HEAD, CLOSED),
        scripted("X7 reset before the head", Script::read().reset(), CLOSED),
        scripted("X9 reset within the head", Script::answer(HEAD).reset(), CLOSED),
        scripted("X9 reset at the start of the body", head_only().reset(), TRUNCATED),
        scripted("X9 reset within the body", head_only().write("body").reset(), TRUNCATED),
        scripted("X9 reset within a chunk", Script::answer(CHUNKED).write("8\r\nbody").reset(), TRUNCATED),
        scripted(
            "X9 reset within a body without a length",
            Script::answer(format!("{HEAD}\r\nbody")).reset(),
            TRUNCATED,
        ),
    ]
}

fn slow() -> Vec<Case> {
    let timeout = |phase| Expect::Failed(Failure::Timeout(phase));
    let half = || Script::answer(format!("{HEAD}Content-Length: 100\r\n\r\nbody"));
    let half_gzip = encode::gzip(&[b'x'; 1000]);
    let half_gzip = [format!("{HEAD}Content-Encoding: gzip\r\n\r\n").as_bytes(), &half_gzip[..15]].concat();
    vec![
        scripted("X8 no head", Script::read().hold(), timeout(Phase::Head)).impatient(),
        scripted("X8 half a head", Script::answer(HEAD).hold(), timeout(Phase::Head)).impatient(),
        scripted("X8 no body", Script::answer(format!("{HEAD}\r\n")).hold(), timeout(Phase::Body))
            .impatient(),
        scripted("X8 half a body", half().hold(), timeout(Phase::Body)).impatient(),
        scripted("X8 half a chunk", Script::answer(CHUNKED).write("8\r\nbody").hold(), timeout(Phase::Body))
            .impatient(),
        scripted("X8 half a gzip", Script::answer(half_gzip).hold(), timeout(Phase::Body)).impatient(),
        scripted("X8 no head within the budget", Script::read().hold(), timeout(Phase::Head)).ask(|ask| {
            ask.budget = Duration::from_millis(600);
        }),
        scripted("X8 half a body within the budget", half().hold(), timeout(Phase::Total)).ask(|ask| {
            ask.budget = Duration::from_millis(600);
        }),
        scripted(
            "X11 a head without an end, drop by drop",
            Script::answer("HTTP/1.1 200 OK\r\n").flood("a: b\r\n"),
            TOO_LARGE,
        ),
        scripted(
            "the time between two pieces of a body does not bound the head",
            Script::answer(format!("{HEAD}Content-Length: 4\r\n\r\n")),
            Expect::Answered(200),
        )
        .ask(|ask| ask.method = Method::Head)
        .setup(|setup| setup.timeouts.body_idle = Duration::ZERO),
        scripted(
            "a body that nobody wants does not hold up the answer",
            Script::answer("HTTP/1.1 404 Not Found\r\nContent-Length: 100\r\n\r\n").hold(),
            Expect::Answered(404),
        )
        .unread(),
        scripted(
            "nor does one without an end",
            Script::answer("HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n")
                .flood("4\r\nbody\r\n"),
            Expect::Answered(404),
        )
        .unread(),
    ]
}

fn heads() -> Vec<Case> {
    let field = |len: usize| format!("{HEAD}X-Long: {}\r\nContent-Length: 4\r\n\r\nbody", "x".repeat(len));
    let fields =
        |count: usize| format!("{HEAD}{}Content-Length: 4\r\n\r\nbody", "X-Many: x\r\n".repeat(count));
    let status = |line: &str| format!("{line}\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nbody");
    let version = Expect::Failed(Failure::Protocol(Protocol::Version));
    let with = |field: &[u8]| [HEAD.as_bytes(), field, b"\r\nContent-Length: 4\r\n\r\nbody"].concat();
    vec![
        bytes("X12 a field of 60 kB", field(60_000), body()),
        bytes("X12 a field of 1 MB", field(1_000_000), TOO_LARGE),
        bytes("X12 a field of 5 kB where 4 kB are allowed", field(5_000), TOO_LARGE).small_heads(),
        bytes("X12 128 fields", fields(126), body()),
        bytes("X12 129 fields", fields(127), TOO_LARGE),
        bytes("X12 10,000 fields", fields(10_000), TOO_LARGE),
        bytes(
            "X12 a status line without an end",
            format!("HTTP/1.1 200 {}", "x".repeat(1_000_000)),
            TOO_LARGE,
        ),
        bytes("X15 no reason", status("HTTP/1.1 200"), body()),
        bytes("X15 an empty reason", status("HTTP/1.1 200 "), body()),
        bytes("X15 HTTP/1.0", status("HTTP/1.0 200 OK"), body()),
        bytes("X15 status 0", status("HTTP/1.1 000 OK"), MALFORMED),
        bytes("X15 status 099", status("HTTP/1.1 099 OK"), MALFORMED),
        bytes("X15 a status of two digits", status("HTTP/1.1 20 OK"), MALFORMED),
        bytes("X15 a status of four digits", status("HTTP/1.1 2000 OK"), MALFORMED),
        bytes("X15 a status that is a word", status("HTTP/1.1 OK"), MALFORMED),
        bytes("X15 HTTP/0.9", "<p>body</p>\n", MALFORMED),
        bytes("X15 HTTP/3.7", status("HTTP/3.7 200 OK"), version.clone()),
        bytes("X15 another protocol", "SSH-2.0-OpenSSH_9.9\r\n", MALFORMED),
        bytes("X15 HTTP without a number", status("HTTP/x 200 OK"), version.clone()),
        bytes("X15 HTTP/1.11", status("HTTP/1.11 200 OK"), version.clone()),
        bytes("X15 no status at all", status("HTTP/1.1"), version.clone()),
        bytes("X16 bytes that are no UTF-8", with(b"X-Latin: \xe9\xff"), body()),
        bytes("X16 NUL", with(b"X-Nul: a\0b"), MALFORMED),
        bytes("X16 a line folded into two", with(b"X-Folded: a\r\n b"), MALFORMED),
        bytes("X16 a field without a colon", with(b"X-Nothing"), MALFORMED),
        bytes("X16 a space before the colon", with(b"X-Space : x"), MALFORMED),
        bytes("X16 a name with a control character", with(b"X-\x01: x"), MALFORMED),
        bytes("X16 bare CR in a value", with(b"X-Cr: a\rb"), MALFORMED),
        bytes("X16 lines that end in LF alone", WHOLE.replace("\r\n", "\n"), body()),
        bytes("empty lines before the status line", format!("\r\n\r\n{WHOLE}"), body()),
    ]
}

fn informational() -> Vec<Case> {
    let after = |line: &str, count: usize| format!("{}{WHOLE}", line.repeat(count));
    let flood = Expect::Failed(Failure::Protocol(Protocol::TooManyInformational));
    vec![
        bytes("X13 100 nobody asked for", after("HTTP/1.1 100 Continue\r\n\r\n", 1), body()),
        bytes("X13 100 with a field", after("HTTP/1.1 100 Continue\r\nX-Field: x\r\n\r\n", 1), body()),
        bytes("X13 102", after("HTTP/1.1 102 Processing\r\n\r\n", 3), body()),
        bytes(
            "X13 103 with links",
            after("HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n", 20),
            body(),
        ),
        bytes("X13 twenty-one of them", after("HTTP/1.1 102 Processing\r\n\r\n", 21), flood.clone()),
        scripted("X13 them without an end", Script::read().flood("HTTP/1.1 100 Continue\r\n\r\n"), flood),
        bytes(
            "X13 101 nobody asked for",
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
            MALFORMED,
        ),
        bytes("X13 nothing after one", "HTTP/1.1 103 Early Hints\r\n\r\n", CLOSED),
    ]
}

fn framing() -> Vec<Case> {
    let with = |fields: &str| format!("{HEAD}{fields}\r\n\r\nbody");
    let coded = |fields: &str| format!("{HEAD}{fields}\r\n\r\n4\r\nbody\r\n0\r\n\r\n");
    let old = coded("Transfer-Encoding: chunked").replace("HTTP/1.1", "HTTP/1.0");
    vec![
        bytes("X14 Content-Length beyond 64 bits", with("Content-Length: 18446744073709551616"), MALFORMED),
        bytes("X14 Content-Length that is negative", with("Content-Length: -1"), MALFORMED),
        bytes("X14 Content-Length with a sign", with("Content-Length: +4"), MALFORMED),
        bytes("X14 Content-Length that is no number", with("Content-Length: four"), MALFORMED),
        bytes("X14 two lengths that differ", with("Content-Length: 4\r\nContent-Length: 5"), MALFORMED),
        bytes("X14 two lengths in one field that differ", with("Content-Length: 4, 5"), MALFORMED),
        bytes("X14 two lengths that agree", with("Content-Length: 4\r\nContent-Length: 4"), body()),
        // RFC 9112 section 6.3 lets a user agent go on with the chunks; the connection is not used again.
        bytes(
            "X14 Content-Length and chunks",
            coded("Content-Length: 2\r\nTransfer-Encoding: chunked"),
            body(),
        ),
        bytes("X14 chunks in HTTP/1.0", old, MALFORMED),
        bytes(
            "HEAD has no body, whatever its head says",
            format!("{HEAD}Content-Length: 100\r\n\r\n"),
            Expect::Answered(200),
        )
        .ask(|ask| ask.method = Method::Head),
        bytes("HEAD has no chunks either", CHUNKED, Expect::Answered(200))
            .ask(|ask| ask.method = Method::Head),
        bytes(
            "204 has no body, whatever its head says",
            "HTTP/1.1 204 No Content\r\nContent-Length: 100\r\n\r\n",
            Expect::Answered(204),
        ),
        bytes(
            "304 has no body, whatever its head says",
            "HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n",
            Expect::Answered(304),
        ),
    ]
}

fn chunks() -> Vec<Case> {
    let chunks = |chunks: &str| format!("{CHUNKED}{chunks}");
    let long_extension = format!("4;{}\r\nbody\r\n0\r\n\r\n", "x".repeat(200_000));
    vec![
        bytes("chunks", chunks("2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n"), body()),
        bytes("a chunk's length in capitals, with zeros", chunks("004\r\nbody\r\n000\r\n\r\n"), body()),
        bytes("a chunk with an extension", chunks("4;a=b\r\nbody\r\n0\r\n\r\n"), body()),
        bytes("trailers", chunks("4\r\nbody\r\n0\r\nX-Trailer: x\r\n\r\n"), body()),
        scripted(
            "X12 trailers without an end",
            Script::answer(chunks("4\r\nbody\r\n0\r\n")).flood("a: b\r\n"),
            MALFORMED,
        )
        .ask(|ask| ask.budget = Duration::from_millis(2_000))
        .except(
            "ureq",
            Expect::Failed(Failure::Timeout(Phase::Total)),
            "it drops trailers without counting them, so only the budget ends it",
        ),
        bytes(
            "X14 a chunk's length beyond 64 bits",
            chunks("10000000000000004\r\nbody\r\n0\r\n\r\n"),
            MALFORMED,
        ),
        bytes("X14 a chunk's length that is no number", chunks("four\r\nbody\r\n0\r\n\r\n"), MALFORMED),
        bytes("X14 a chunk without a length", chunks("\r\nbody\r\n0\r\n\r\n"), MALFORMED),
        bytes("X14 a chunk that is longer than it said", chunks("2\r\nbody\r\n0\r\n\r\n"), MALFORMED),
        bytes("X14 a chunk's extension of 200 kB", chunks(&long_extension), MALFORMED),
        scripted("X14 a chunk's length without an end", Script::answer(CHUNKED).flood("1111"), MALFORMED),
        scripted(
            "X14 a chunk's length of zeros without an end",
            Script::answer(CHUNKED).flood("0000"),
            MALFORMED,
        )
        .ask(|ask| ask.budget = Duration::from_millis(2_000))
        .except(
            "hyper",
            Expect::Failed(Failure::Timeout(Phase::Total)),
            "it reads zeros as long as the number fits, so only the budget ends it",
        ),
    ]
}

fn caps() -> Vec<Case> {
    let zeros = vec![0; 64 << 20];
    let bomb = |name, coding: &str, body: Vec<u8>| {
        let head = format!("{HEAD}Content-Encoding: {coding}\r\nContent-Length: {}\r\n\r\n", body.len());
        bytes(name, [head.into_bytes(), body].concat(), Expect::TooLarge).ask(|ask| ask.body_cap = 100_000)
    };
    let plain = |len: usize| format!("{HEAD}Content-Length: {len}\r\n\r\n{}", "x".repeat(len));
    vec![
        bytes("a body of as much as may be read", plain(1000), Expect::Body(200, vec![b'x'; 1000]))
            .ask(|ask| ask.body_cap = 1000),
        bytes("X12 a body of one byte more", plain(1001), Expect::TooLarge).ask(|ask| ask.body_cap = 1000),
        scripted(
            "X12 a body without an end",
            Script::answer(format!("{HEAD}\r\n")).flood("body"),
            Expect::TooLarge,
        )
        .ask(|ask| ask.body_cap = 100_000),
        scripted(
            "X12 chunks without an end",
            Script::answer(CHUNKED).flood("4\r\nbody\r\n"),
            Expect::TooLarge,
        )
        .ask(|ask| ask.body_cap = 100_000),
        bomb("X17 64 MiB of zeros in gzip", "gzip", encode::gzip(&zeros)),
        bomb("X17 64 MiB of zeros in br", "br", encode::brotli(&zeros)),
        bomb("X17 64 MiB of zeros in zstd", "zstd", encode::zstd(&zeros)),
        bomb("X17 64 MiB of zeros in gzip, twice", "gzip, gzip", encode::gzip(&encode::gzip(&zeros))),
    ]
}
