//! The bytes of what crosses queues are committed in `golden/codec.txt`: a worker of an earlier build understands a
//! later one, or is told apart by its version, never misled.
//!
//! If a change is meant, raise the version of what stores or sends these, and write the file anew with
//! `CRAWLSPACE_GOLDEN=write cargo test -p crawlspace --test golden_codec`. It is never written otherwise.

#![allow(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

use core::fmt::{Debug, Write as _};
use crawlspace::codec::{Decode, Encode};
use crawlspace::digest::{
    Digest, Directives, DuplicateId, End, Extra, Extras, Link, Links, Location, Media, Place, PlaceSet,
    Prose, RateLimit, Role, Target, Transfer,
};
use crawlspace::robots::RobotsFile;
use crawlspace::{
    Connect, DigestLimits, Dns, Encoding, Failure, FetchId, Fingerprint, HashKey, HeaderSetId, Kind, Local,
    Method, Need, Outcome, Phase, Protocol, Refusal, Request, RetryAfter, Spec, Tls, UnixTime, Validators,
};
use std::path::PathBuf;
use std::time::Duration;

/// Name and bytes in hexadecimal, a line each.
#[derive(Default)]
struct Lines(String);

impl Lines {
    fn add<T: Encode + Decode + PartialEq + Debug>(&mut self, name: impl AsRef<str>, value: &T) {
        let bytes = value.to_bytes();
        assert_eq!(T::from_bytes(&bytes).as_ref(), Ok(value), "{} comes back", name.as_ref());
        self.0 += name.as_ref();
        self.0.push(' ');
        bytes.iter().for_each(|byte| write!(self.0, "{byte:02x}").unwrap());
        self.0.push('\n');
    }

    fn failure(&mut self, failure: Failure) {
        self.add(format!("failed {failure:?}"), &Outcome::Failed(failure));
    }

    fn answer(&mut self, name: impl AsRef<str>, digest: Digest) {
        self.add(format!("answered {}", name.as_ref()), &Outcome::Answered(Box::new(digest)));
    }
}

#[test]
fn bytes_of_plain_data() {
    let mut lines = Lines::default();
    requests(&mut lines);
    failures(&mut lines);
    answers(&mut lines);
    specs(&mut lines);
    for place in Place::all() {
        lines.add(format!("place {place:?}"), &place);
    }
    let file: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests", "golden", "codec.txt"].iter().collect();
    if std::env::var_os("CRAWLSPACE_GOLDEN").is_some_and(|value| value == "write") {
        std::fs::write(&file, &lines.0).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap();
    for (committed, found) in committed.lines().zip(lines.0.lines()) {
        assert_eq!(committed, found);
    }
    assert_eq!(committed.lines().count(), lines.0.lines().count());
}

fn requests(lines: &mut Lines) {
    let plain = Request {
        id: FetchId::from_bytes(&[1]).unwrap(),
        url: "http://example.test/path?query".parse().unwrap(),
        kind: Kind::Page,
        method: Method::Get,
        need: Need::Links,
        attempt: 1,
        budget: Duration::from_secs(30),
        body_cap: 10 << 20,
        headers: HeaderSetId::NONE,
        validators: Validators::default(),
        spec: Fingerprint(0x0123_4567_89ab_cdef),
    };
    for kind in [Kind::Page, Kind::Check, Kind::Robots, Kind::Sitemap, Kind::Probe] {
        lines.add(format!("request {kind:?}"), &Request { kind, ..plain.clone() });
    }
    for method in [Method::Head, Method::Get] {
        lines.add(format!("request {method:?}"), &Request { method, ..plain.clone() });
    }
    for need in [Need::Status, Need::Ids, Need::Links] {
        lines.add(format!("request {need:?}"), &Request { need, ..plain.clone() });
    }
    let validators = Validators {
        etag: Some("W/\"x\"".to_owned()),
        last_modified: Some("Sun, 06 Nov 1994 08:49:37 GMT".to_owned()),
    };
    let full = Request {
        id: FetchId::from_bytes(&[0xac, 0x02]).unwrap(),
        attempt: u32::MAX,
        budget: Duration::from_micros(1_500),
        body_cap: u64::MAX,
        headers: HeaderSetId(u16::MAX),
        validators,
        ..plain
    };
    lines.add("request with all", &full);
}

fn failures(lines: &mut Lines) {
    let tls = [
        Tls::Expired,
        Tls::NotYetValid,
        Tls::WrongName,
        Tls::UnknownIssuer,
        Tls::Revoked,
        Tls::BadCertificate,
        Tls::Handshake,
    ];
    let phases = [Phase::Resolve, Phase::Connect, Phase::Head, Phase::Body, Phase::Total];
    let protocol =
        [Protocol::Malformed, Protocol::HeadTooLarge, Protocol::TooManyInformational, Protocol::Version];
    let encodings = [Encoding::Unsupported, Encoding::Stacked, Encoding::Corrupt, Encoding::Window];
    let refusals = [Refusal::Address, Refusal::Port, Refusal::Name, Refusal::Scheme, Refusal::Offline];
    let local = [Local::Resources, Local::Panicked, Local::File, Local::Proxy];
    let mut all = [Dns::NoSuchName, Dns::Temporary].map(Failure::Dns).to_vec();
    all.extend([Connect::Refused, Connect::Unreachable, Connect::Reset].map(Failure::Connect));
    all.extend(tls.map(Failure::Tls));
    all.extend(phases.map(Failure::Timeout));
    all.extend([Failure::Closed, Failure::Truncated]);
    all.extend(protocol.map(Failure::Protocol));
    all.extend(encodings.map(Failure::Encoding));
    all.extend(refusals.map(Failure::Refused));
    all.extend(local.map(Failure::Local));
    all.extend([Failure::NotInArchive, Failure::Lapsed]);
    all.into_iter().for_each(|failure| lines.failure(failure));
}

fn answers(lines: &mut Lines) {
    let status = |status| Digest { status, ..Digest::default() };
    lines.answer("204", status(204));
    for media in [Media::Other, Media::Html, Media::Xhtml, Media::Css, Media::Robots, Media::Sitemap] {
        lines.answer(format!("{media:?}"), Digest { media, ..status(200) });
    }
    for end in [End::Complete, End::Enough, End::TooLarge] {
        lines.answer(format!("{end:?}"), Digest { end, ..status(200) });
    }
    for fragment in [None, Some("part".to_owned())] {
        let location = Location::To { url: "http://example.test/to".to_owned(), fragment };
        lines.answer("a redirect", Digest { location: Some(location), ..status(301) });
    }
    let nowhere = Location::Invalid("http://[".to_owned());
    lines.answer("a redirect to nowhere", Digest { location: Some(nowhere), ..status(302) });
    let later =
        [RetryAfter::Delay(Duration::from_secs(120)), RetryAfter::Date(UnixTime::from_secs(784_111_777))];
    for retry_after in later {
        lines.answer("retry after", Digest { retry_after: Some(retry_after), ..status(429) });
    }
    let before_1970 = RetryAfter::Date(UnixTime::from_secs(-1));
    lines.answer("retry after 1969", Digest { retry_after: Some(before_1970), ..status(503) });
    for reset in later {
        let rate_limit = Some(RateLimit { remaining: 300, reset });
        lines.answer("rate limit", Digest { rate_limit, ..status(200) });
    }
    for (noindex, nofollow) in [(false, true), (true, false)] {
        lines.answer("directives", Digest { directives: Directives { noindex, nofollow }, ..status(200) });
    }
    let file =
        b"User-agent: *\nDisallow: /private/*\nAllow: /private/x$\nCrawl-delay: 2.5\nSitemap: /map.xml\n";
    let robots = RobotsFile::parse(file, "crawlspace");
    lines.answer("robots", Digest { media: Media::Robots, robots: Some(robots.clone()), ..status(200) });
    let mut cut = robots;
    cut.truncated = true;
    lines.answer("robots, cut", Digest { media: Media::Robots, robots: Some(cut), ..status(200) });
    let full = Digest {
        media: Media::Html,
        links: links(),
        ids: vec![0, 1, 0x80, u64::MAX],
        challenge: true,
        extra: Extra { content: Some(0x0123_4567_89ab_cdef), ..Extra::default() },
        validators: Validators { etag: Some("\"1\"".to_owned()), last_modified: None },
        left_out: 3,
        transfer: Transfer {
            encoded: 1_000,
            decoded: 5_000,
            first_byte: Duration::from_millis(20),
            total: Duration::from_millis(31),
        },
        ..status(200)
    };
    lines.answer("a document", full);
    let extra = Extra {
        content: Some(7),
        duplicate_ids: vec![DuplicateId { id: "twice".to_owned(), lines: vec![3, 300] }],
        prose: Some(Prose::from_bytes(b"\x01\x0aone\ntwo th").unwrap()),
    };
    lines.answer("a document with all that can be asked for", Digest { extra, ..status(200) });
}

fn links() -> Links {
    let mut links = Links::default();
    let link = Link {
        target: Target::Url { origin: "http://example.test", origin_index: 0, rest: "/path?query" },
        fragment: None,
        text: "",
        spelling: None,
        place: Place::A_HREF,
        role: Role::Followed,
        nofollow: false,
        line: 1,
        column: 1,
    };
    links.push(&link);
    links.push(&Link {
        fragment: Some(""),
        text: "caf\u{e9}",
        spelling: Some("HTTP://example.test/path?query#"),
        nofollow: true,
        ..link
    });
    let elsewhere = Target::Url { origin: "mailto:", origin_index: 1, rest: "a@example.test" };
    links.push(&Link { target: elsewhere, fragment: Some("part"), line: 300, column: 70_000, ..link });
    links.push(&Link { role: Role::Resource, place: Place::IMG_SRCSET, ..link });
    links.push(&Link { role: Role::Recorded, place: Place::FORM_ACTION, ..link });
    links.push(&Link { target: Target::Invalid("http://["), ..link });
    links
}

fn specs(lines: &mut Lines) {
    let spec = Spec {
        rules_version: 1,
        id_key: HashKey::from_bytes(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]).unwrap(),
        user_agent: "crawlspace/0.1.0".to_owned(),
        robots_token: "crawlspace".to_owned(),
        places: PlaceSet::ALL,
        limits: DigestLimits { links: 100, ids: 200, url_bytes: 300, text_chars: 400, robots_bytes: 500 },
        extras: Default::default(),
    };
    lines.add("spec", &spec);
    lines.add("the name of that spec", &spec.fingerprint());
    let all = Extras { contents: true, duplicate_ids: true, proses: true };
    lines.add("spec that asks for all", &Spec { extras: all, ..spec.clone() });
    let small = DigestLimits { links: 1, ids: 2, url_bytes: 3, text_chars: 4, robots_bytes: 5 };
    let places = PlaceSet::EMPTY.with(Place::A_HREF).with(Place::IMG_SRCSET);
    lines.add(
        "spec with limits",
        &Spec { places, limits: small, extras: Extras { contents: true, ..Extras::default() }, ..spec },
    );
}
