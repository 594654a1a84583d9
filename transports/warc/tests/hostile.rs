//! Bytes of strangers (T105): nothing panics, nothing is believed that cannot be, every error names file and place.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::{get, gzip, open, record, request, response, seen, spec};
use crawlspace::{Encoding, Failure, Local, Method, Protocol, Request};
use crawlspace_warc::{Archive, Problem};
use proptest::prelude::*;
use std::fs;

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<a href=/x>x</a>";

/// Pieces of archives, so that arbitrary orders of them come near to real ones.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(response("http://a.test/", OK)),
        Just(response(
            "<http://a.test/b>",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n<a h\r\n"
        )),
        Just(
            b"WARC/1.1\r\nWARC-Type: revisit\r\nWARC-Target-URI: http://a.test/\r\nContent-Length: 0\r\n\r\n"
                .to_vec()
        ),
        Just(b"WARC-Refers-To: <urn:uuid:1>\r\nWARC-Record-ID: <urn:uuid:1>\r\n".to_vec()),
        Just(b"Content-Length: 99999999999999999999\r\n".to_vec()),
        Just(b"Content-Length: 18446744073709551615\r\n\r\n".to_vec()),
        Just(b"\r\n\r\n".to_vec()),
        Just(gzip(&response("https://b.test/?q=1", OK))),
        Just(record(
            &[("WARC-Type", "metadata"), ("WARC-Target-URI", "http://a.test/b")],
            "crawlspace-exchange: {\"method\":\"GET\",\"attempt\":1,\"kind\":\"page\",\"need\":\"links\",\"ended\":{\"failed\":\"closed\"},\"first_byte\":0,\"total\":18446744073709551615}\r\n"
        )),
        proptest::collection::vec(any::<u8>(), 0..40),
    ];
    proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_bytes(data in proptest::collection::vec(any::<u8>(), 0..400)) {
        common::body::run(&data);
    }

    #[test]
    fn any_pieces(first in any::<u8>(), data in pieces()) {
        common::body::run(&[&[first][..], &data].concat());
    }

    #[test]
    fn damaged(gz in any::<bool>(), at in 0_usize..400, to in any::<u8>()) {
        let mut data = [&[0][..], &response("http://a.test/", OK), &response("http://a.test/b", OK)].concat();
        if gz {
            data = [&[0][..], &gzip(&data[1..])].concat();
        }
        let at = at % data.len();
        data[at] = to;
        common::body::run(&data);
    }
}

/// Cut anywhere, what comes before is all there, and it is told that there was more.
#[test]
fn cut_short_anywhere() {
    let (one, two) = (response("http://a.test/", OK), response("http://a.test/b", OK));
    for (one, two) in [(gzip(&one), gzip(&two)), (one, two)] {
        let whole = [&one[..], &two].concat();
        // The last record's end is two line ends, which need not be there.
        let ends = if whole[0] == 0x1f { 0 } else { 4 };
        for length in one.len()..=whole.len() {
            let (_folder, archive) = open(&whole[..length]).unwrap();
            assert_eq!(get(&archive, "http://a.test/"), Ok((200, 1)), "{length}");
            let all = length + ends >= whole.len();
            let expected = if all { Ok((200, 1)) } else { Err(Failure::NotInArchive) };
            assert_eq!(get(&archive, "http://a.test/b"), expected, "{length} of {}", whole.len());
            let torn = archive.problems().iter().any(|problem| {
                matches!(problem.problem(), Problem::Torn) && problem.offset() == Some(one.len() as u64)
            });
            assert_eq!(torn, !all && length > one.len(), "{length} of {}", whole.len());
        }
    }
}

#[test]
fn what_is_no_archive_is_refused_with_the_way_out() {
    let one = response("http://a.test/", OK);
    let twice = [&one[..], &one].concat();
    for (bytes, offset, says) in [
        (&b""[..], None, "empty"),
        (b"<html>", None, "not a WARC"),
        (b"PK\x03\x04rest", None, "unpack"),
        (b"\x28\xb5\x2f\xfdrest", None, "zstd -d"),
        (&gzip(&twice), Some(0), "gunzip"),
        (&[&one[..], b"junk"].concat(), Some(one.len() as u64), "not a WARC record"),
        (b"WARC/1.0\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", Some(0), "length"),
        (b"WARC/1.0\r\nContent-Length: +1\r\n\r\n", Some(0), "length"),
        (b"WARC/1.0\r\nWARC-Type: response\r\n\r\n", Some(0), "length"),
        (&[&b"WARC/1.0\r\n"[..], &b"x: y\r\n".repeat(50_000)].concat(), Some(0), "longer than 262144"),
    ] {
        let error = open(bytes).map(drop).unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
        assert!(error.to_string().contains("test.warc: "), "{error}");
        assert_eq!(error.offset(), offset, "{error}");
        if let Some(offset) = offset {
            assert!(error.to_string().contains(&format!("record at byte {offset}: ")), "{error}");
        }
    }
    let missing = Archive::open(["/nowhere/at/all.warc"]).unwrap_err();
    assert!(matches!(missing.problem(), Problem::Io(_)), "{missing}");
}

/// Where each record is compressed by itself, one that claims to be longer hides none behind it.
#[test]
fn a_member_that_ends_before_its_record() {
    let (one, two) = (response("http://a.test/", OK), response("http://a.test/b", OK));
    let one = String::from_utf8(one).unwrap();
    let long = one.replace(&format!("Content-Length: {}", OK.len()), "Content-Length: 5000");
    for bad in [long.as_str(), &long[..40], ""] {
        let bad = gzip(bad.as_bytes());
        let (_folder, archive) = open([&gzip(one.as_bytes())[..], &bad, &gzip(&two)].concat()).unwrap();
        assert!(matches!(archive.problems()[0].problem(), Problem::Framing), "{:?}", archive.problems());
        assert_eq!(archive.problems().len(), 1);
        assert_eq!(get(&archive, "http://a.test/"), Ok((200, 1)));
        assert_eq!(get(&archive, "http://a.test/b"), Ok((200, 1)));
    }
}

/// The same page day after day, and most days it was as before: each is looked up once.
#[test]
fn many_repetitions_of_one_page() {
    let repeats = |n: usize| {
        let date = format!("2026-11-20T{:02}:{:02}:{:02}Z", n / 3600 % 24, n / 60 % 60, n % 60);
        let fields = |kind, referred| {
            [
                ("WARC-Type", kind),
                ("WARC-Target-URI", "http://a.test/"),
                ("Content-Type", "application/http"),
                ("WARC-Date", &*date),
                (referred, &*date),
            ]
            .map(|(name, value): (&str, &str)| (name.to_owned(), value.to_owned()))
        };
        let built = |fields: [(String, String); 5], block: &str| {
            let fields = fields.each_ref().map(|(name, value)| (name.as_str(), value.as_str()));
            record(&fields, block)
        };
        [built(fields("response", "X-None"), OK), built(fields("revisit", "WARC-Refers-To-Date"), "")]
            .concat()
    };
    let bytes: Vec<u8> = (0..30_000).flat_map(repeats).collect();
    let (_folder, archive) = open(bytes).unwrap();
    assert_eq!((archive.answers(), archive.problems().len()), (60_000, 0));
    assert_eq!(get(&archive, "http://a.test/"), Ok((200, 1)));
}

/// A length that is less or more than the record's own.
#[test]
fn wrong_lengths() {
    let whole = String::from_utf8(response("http://a.test/", OK)).unwrap();
    let length = OK.len();
    for (claimed, torn) in
        [(length - 9, false), (length + 4, false), (length + 50, false), (length + 5000, true)]
    {
        let lied = whole.replace(&format!("Content-Length: {length}"), &format!("Content-Length: {claimed}"));
        let opened = open([lied, String::from_utf8(response("http://a.test/b", OK)).unwrap()].concat());
        match opened {
            Ok((_folder, archive)) => {
                assert!(torn || claimed == length + 4, "{claimed}");
                assert_eq!(!archive.problems().is_empty(), torn);
            }
            Err(error) => assert!(!torn && matches!(error.problem(), Problem::Framing), "{claimed}: {error}"),
        }
    }
}

#[test]
fn what_its_digest_does_not_fit_is_left_out() {
    let digest = "sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let bad = String::from_utf8(response("http://a.test/", OK)).unwrap();
    let bad = bad.replace("WARC-Type", &format!("WARC-Block-Digest: {digest}\r\nWARC-Type"));
    for bytes in [bad.clone().into_bytes(), gzip(bad.as_bytes())] {
        let (_folder, archive) = open([bytes, response("http://a.test/b", OK)].concat()).unwrap();
        assert!(matches!(archive.problems()[0].problem(), Problem::Digest));
        assert_eq!(get(&archive, "http://a.test/"), Err(Failure::NotInArchive));
        assert_eq!(get(&archive, "http://a.test/b"), Ok((200, 1)));
    }
}

/// Only what a crawler can ask for is an answer; nothing is looked for anywhere else.
#[test]
fn targets_that_nobody_asks_for() {
    let mut bytes = Vec::new();
    for target in ["file:///etc/passwd", "urn:pageinfo:http://a.test/", "dns:a.test", "not a url", ""] {
        bytes.extend(response(target, OK));
    }
    let (_folder, archive) = open(bytes).unwrap();
    assert_eq!(archive.answers(), 0);
    assert_eq!(get(&archive, "http://a.test/"), Err(Failure::NotInArchive));
    assert_eq!(get(&archive, "file:///etc/passwd"), Err(Failure::NotInArchive));
}

/// A gigabyte behind a few bytes, in the body's own coding.
#[test]
fn a_bomb_is_capped() {
    let bomb = gzip(&gzip(&vec![b'a'; 64 << 20]));
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip, gzip\r\n\r\n";
    let (_folder, archive) =
        open(gzip(&response("http://a.test/", [head.as_bytes(), &bomb].concat()))).unwrap();
    let outcome = archive.replay(spec()).fetch(&request("http://a.test/"));
    let crawlspace::Outcome::Answered(digest) = outcome else { panic!("{outcome:?}") };
    assert_eq!(digest.end, crawlspace::digest::End::TooLarge);
    assert!(digest.transfer.decoded <= request("http://a.test/").body_cap);
}

#[test]
fn messages_that_are_none() {
    let long = format!("HTTP/1.1 200 OK\r\n{}", "x: y\r\n".repeat(200_000));
    let malformed = Failure::Protocol(Protocol::Malformed);
    let chunked = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n";
    let coded = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n";
    for (message, expected) in [
        (String::new(), malformed.clone()),
        ("<html>".to_owned(), malformed.clone()),
        ("HTTP/1.1 20 OK\r\n\r\n".to_owned(), malformed.clone()),
        ("HTTP/1.1 100 Continue\r\n\r\n".to_owned(), malformed.clone()),
        (long, Failure::Protocol(Protocol::HeadTooLarge)),
        (format!("{chunked}5\r\nab"), Failure::Truncated),
        (format!("{chunked}2\r\nab\r\n"), Failure::Truncated),
        (format!("{chunked}2\r\nab\r\nxyz\r\n"), malformed.clone()),
        (format!("{chunked}2\r\nab\r\n+2\r\nab\r\n0\r\n\r\n"), malformed),
        (format!("{coded}\u{1f}not gzip at all"), Failure::Encoding(Encoding::Corrupt)),
    ] {
        let (_folder, archive) = open(response("http://a.test/", &message)).unwrap();
        assert_eq!(get(&archive, "http://a.test/"), Err(expected), "{:?}", &message[..message.len().min(90)]);
    }
}

#[test]
fn a_file_that_changes_under_the_reader_is_a_failure_of_this_machine() {
    let (folder, archive) = open(response("http://a.test/", OK)).unwrap();
    fs::write(folder.path().join("test.warc"), "").unwrap();
    assert_eq!(get(&archive, "http://a.test/"), Err(Failure::Local(Local::File)));
    let head = Request { method: Method::Head, ..request("http://a.test/") };
    assert_eq!(seen(&archive.replay(spec()).fetch(&head)), Err(Failure::Local(Local::File)));
}
