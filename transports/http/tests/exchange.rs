//! The exchange, driven as a transport would.

mod support;

use crawlspace::digest::{Appetite, Digest, End, Head, Transfer};
use crawlspace::{Encoding, Failure, Kind, Method, Outcome, Phase, Request, Spec};
use crawlspace_http::{Exchange, Tap, Times};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue};
use http::{HeaderName, StatusCode};
use proptest::prelude::*;
use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::{request, spec};

fn head(status: u16, fields: &[(HeaderName, &str)]) -> Head {
    let fields =
        fields.iter().map(|(name, text)| (name.clone(), HeaderValue::from_str(text).expect("a value")));
    Head { status: StatusCode::from_u16(status).expect("a status"), headers: fields.collect() }
}

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(data).expect("memory");
    encoder.finish().expect("memory")
}

const TIMES: Times = Times { first_byte: Duration::from_millis(3), total: Duration::from_millis(7) };

/// What a transport does: reads while it is told to; the connection breaks in the end, or it does not.
fn carry_out(
    request: &Request,
    spec: &Arc<Spec>,
    tap: Option<Box<dyn Tap>>,
    head: &Head,
    chunks: &[&[u8]],
    broken: Option<Failure>,
) -> Outcome {
    let mut exchange = Exchange::new(request, spec, tap);
    let mut appetite = match exchange.head(head.clone()) {
        Ok(appetite) => appetite,
        Err(failure) => return exchange.fail(failure),
    };
    for chunk in chunks {
        if appetite == Appetite::Enough {
            return exchange.finish(TIMES);
        }
        appetite = match exchange.chunk(chunk) {
            Ok(appetite) => appetite,
            Err(failure) => return exchange.fail(failure),
        };
    }
    match broken {
        Some(failure) if appetite == Appetite::More => exchange.fail(failure),
        _ => exchange.finish(TIMES),
    }
}

fn answered(outcome: Outcome) -> Digest {
    match outcome {
        Outcome::Answered(digest) => *digest,
        Outcome::Failed(failure) => panic!("failed: {failure}"),
    }
}

/// A digester wants all of a robots.txt, and nothing of a body of another type.
fn robots() -> Request {
    request("http://a.test/robots.txt", Kind::Robots)
}

fn page() -> Request {
    request("http://a.test/", Kind::Page)
}

// ---- taps ----

#[derive(Clone, Default)]
struct Recorder {
    wants_all: bool,
    wants_decoded: bool,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Seen {
    statuses: Vec<u16>,
    encoded: Vec<u8>,
    decoded: Vec<u8>,
    ends: Vec<Result<End, Failure>>,
}

impl Recorder {
    fn new(wants_all: bool, wants_decoded: bool) -> Self {
        Self { wants_all, wants_decoded, seen: Arc::default() }
    }

    fn tap(&self) -> Option<Box<dyn Tap>> {
        Some(Box::new(self.clone()))
    }

    fn seen(&self) -> Seen {
        self.seen.lock().expect("not poisoned").clone()
    }
}

impl Tap for Recorder {
    fn wants_all(&self) -> bool {
        self.wants_all
    }
    fn wants_decoded(&self) -> bool {
        self.wants_decoded
    }
    fn head(&mut self, head: &Head) {
        self.seen.lock().expect("not poisoned").statuses.push(head.status.as_u16());
    }
    fn encoded(&mut self, bytes: &[u8]) {
        self.seen.lock().expect("not poisoned").encoded.extend_from_slice(bytes);
    }
    fn decoded(&mut self, bytes: &[u8]) {
        self.seen.lock().expect("not poisoned").decoded.extend_from_slice(bytes);
    }
    fn end(&mut self, end: Result<End, &Failure>) {
        self.seen.lock().expect("not poisoned").ends.push(end.map_err(Clone::clone));
    }
}

// ---- answers ----

#[test]
fn a_body_is_decoded_and_counted() {
    let body = b"User-agent: *\nDisallow: /private\n".repeat(100);
    let coded = gzip(&body);
    let head = head(200, &[(CONTENT_ENCODING, "gzip")]);
    let chunks: Vec<_> = coded.chunks(7).collect();
    let digest = answered(carry_out(&robots(), &spec(), None, &head, &chunks, None));
    assert_eq!((digest.status, digest.end), (200, End::Complete));
    let transfer = Transfer {
        encoded: coded.len() as u64,
        decoded: body.len() as u64,
        first_byte: TIMES.first_byte,
        total: TIMES.total,
    };
    assert_eq!(digest.transfer, transfer);
}

#[test]
fn more_than_the_cap_is_an_answer() {
    let request = Request { body_cap: 100, ..robots() };
    let body = b"#".repeat(1000);
    for (coded, head) in
        [(gzip(&body), head(200, &[(CONTENT_ENCODING, "gzip")])), (body.clone(), head(200, &[]))]
    {
        let digest = answered(carry_out(&request, &spec(), None, &head, &[&coded], None));
        assert_eq!((digest.end, digest.transfer.decoded), (End::TooLarge, 100));
    }
    let exactly = Request { body_cap: 1000, ..robots() };
    let digest = answered(carry_out(&exactly, &spec(), None, &head(200, &[]), &[&body], None));
    assert_eq!((digest.end, digest.transfer.decoded), (End::Complete, 1000));
}

/// X10.
#[test]
fn a_coding_that_is_cut_short_is_truncated() {
    let coded = gzip(&b"User-agent: *\n".repeat(100));
    let head = head(200, &[(CONTENT_ENCODING, "gzip")]);
    let outcome = carry_out(&robots(), &spec(), None, &head, &[&coded[..coded.len() - 1]], None);
    assert_eq!(outcome, Outcome::Failed(Failure::Truncated));
}

/// X17.
#[test]
fn a_needed_body_in_an_unknown_coding_is_a_failure() {
    for (field, failure) in [("snappy", Encoding::Unsupported), ("gzip,gzip,gzip", Encoding::Stacked)] {
        let head = head(200, &[(CONTENT_ENCODING, field)]);
        let outcome = carry_out(&robots(), &spec(), None, &head, &[b"x"], None);
        assert_eq!(outcome, Outcome::Failed(Failure::Encoding(failure)), "{field}");
    }
}

#[test]
fn an_unwanted_body_is_not_looked_at() {
    let head = head(200, &[(CONTENT_ENCODING, "snappy"), (CONTENT_TYPE, "image/png")]);
    for request in [page(), Request { method: Method::Head, ..robots() }] {
        let mut exchange = Exchange::new(&request, &spec(), None);
        assert_eq!(exchange.method(), request.method);
        assert_eq!(exchange.head(head.clone()), Ok(Appetite::Enough));
        assert_eq!(exchange.chunk(b"drained, to keep the connection"), Ok(Appetite::Enough));
        let digest = answered(exchange.finish(TIMES));
        assert_eq!((digest.end, digest.transfer.encoded), (End::Enough, 0));
    }
}

#[test]
fn a_failure_after_enough_does_not_undo_the_answer() {
    let mut exchange = Exchange::new(&page(), &spec(), None);
    assert_eq!(exchange.head(head(200, &[(CONTENT_TYPE, "image/png")])), Ok(Appetite::Enough));
    assert_eq!(answered(exchange.fail(Failure::Truncated)).end, End::Enough);
}

#[test]
fn a_failure_before_the_head_or_within_the_body_is_the_outcome() {
    for failure in [Failure::Timeout(Phase::Connect), Failure::Closed] {
        let exchange = Exchange::new(&robots(), &spec(), None);
        assert_eq!(exchange.fail(failure.clone()), Outcome::Failed(failure.clone()));
        let outcome =
            carry_out(&robots(), &spec(), None, &head(200, &[]), &[b"User-"], Some(failure.clone()));
        assert_eq!(outcome, Outcome::Failed(failure));
    }
    assert_eq!(Exchange::new(&robots(), &spec(), None).finish(TIMES), Outcome::Failed(Failure::Closed));
}

// ---- what taps see ----

#[test]
fn a_tap_sees_both_sides_of_the_decoder() {
    let body = b"User-agent: *\n".repeat(100);
    let coded = gzip(&body);
    let head = head(200, &[(CONTENT_ENCODING, "gzip")]);
    let recorder = Recorder::new(false, true);
    let _ = answered(carry_out(&robots(), &spec(), recorder.tap(), &head, &[&coded], None));
    let seen =
        Seen { statuses: vec![200], encoded: coded.clone(), decoded: body, ends: vec![Ok(End::Complete)] };
    assert_eq!(recorder.seen(), seen);

    let recorder = Recorder::new(false, true);
    let cut = &coded[..coded.len() - 1];
    let _ = carry_out(&robots(), &spec(), recorder.tap(), &head, &[cut], None);
    assert_eq!(recorder.seen().ends, [Err(Failure::Truncated)]);
}

#[test]
fn a_modest_tap_does_not_make_an_unwanted_body_be_read() {
    let recorder = Recorder::new(false, true);
    let head = head(404, &[(CONTENT_TYPE, "text/plain")]);
    let digest = answered(carry_out(&page(), &spec(), recorder.tap(), &head, &[b"gone"], None));
    assert_eq!(digest.end, End::Enough);
    assert_eq!(recorder.seen(), Seen { statuses: vec![404], ends: vec![Ok(End::Enough)], ..Seen::default() });
}

#[test]
fn a_tap_that_wants_all_gets_all() {
    let recorder = Recorder::new(true, true);
    let request = Request { method: Method::Head, ..page() };
    assert_eq!(Exchange::new(&request, &spec(), recorder.tap()).method(), Method::Get);
    let head = head(200, &[(CONTENT_TYPE, "image/png"), (CONTENT_ENCODING, "gzip")]);
    let coded = gzip(b"an image");
    let digest = answered(carry_out(&request, &spec(), recorder.tap(), &head, &[&coded], None));
    assert_eq!(digest.end, End::Enough);
    let seen = Seen {
        statuses: vec![200],
        encoded: coded,
        decoded: b"an image".to_vec(),
        ends: vec![Ok(End::Complete)],
    };
    assert_eq!(recorder.seen(), seen);
}

/// What cannot be decoded can still be recorded.
#[test]
fn a_tap_gets_the_encoded_bytes_of_any_coding() {
    for (wants_decoded, end) in
        [(false, Ok(End::Complete)), (true, Err(Failure::Encoding(Encoding::Unsupported)))]
    {
        let recorder = Recorder::new(true, wants_decoded);
        let head = head(200, &[(CONTENT_TYPE, "image/png"), (CONTENT_ENCODING, "snappy")]);
        let digest = answered(carry_out(&page(), &spec(), recorder.tap(), &head, &[b"sna", b"ppy"], None));
        assert_eq!(digest.end, End::Enough);
        let seen =
            Seen { statuses: vec![200], encoded: b"snappy".to_vec(), decoded: vec![], ends: vec![end] };
        assert_eq!(recorder.seen(), seen);
    }
}

/// Damage that only the tap would mind does not cost it what is left to record.
#[test]
fn a_tap_gets_the_encoded_bytes_behind_damage() {
    let recorder = Recorder::new(true, true);
    let head = head(200, &[(CONTENT_TYPE, "image/png"), (CONTENT_ENCODING, "gzip")]);
    let damaged = vec![b'<'; 100_000];
    let chunks: Vec<_> = damaged.chunks(1000).collect();
    let digest = answered(carry_out(&page(), &spec(), recorder.tap(), &head, &chunks, None));
    assert_eq!(digest.end, End::Enough);
    let end = Err(Failure::Encoding(Encoding::Corrupt));
    assert_eq!(
        recorder.seen(),
        Seen { statuses: vec![200], encoded: damaged, decoded: vec![], ends: vec![end] }
    );
}

#[test]
fn the_cap_holds_for_taps_too() {
    let request = Request { body_cap: 100, ..page() };
    let bomb = gzip(&[0; 100_000]);
    for (wants_decoded, chunks, decoded) in
        [(true, vec![&bomb[..]], 100), (false, vec![&bomb[..60], &bomb[60..], b"not read"], 0)]
    {
        let recorder = Recorder::new(true, wants_decoded);
        let head = head(200, &[(CONTENT_TYPE, "image/png"), (CONTENT_ENCODING, "gzip")]);
        let digest = answered(carry_out(&request, &spec(), recorder.tap(), &head, &chunks, None));
        assert_eq!(digest.end, End::Enough, "the digest had enough before");
        let seen = recorder.seen();
        assert_eq!((seen.decoded.len(), seen.ends), (decoded, vec![Ok(End::TooLarge)]));
        assert_eq!(seen.encoded, bomb);
    }
}

// ---- properties ----

/// Lines of robots files and of pages, some of them more than what is read of one.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        "User-agent: [a-z*]{1,5}\n",
        "(Disallow|Allow): /[a-z*$]{0,9}\n",
        "<(a|p|base) (href|id)=['\"]?[a-zé&;/#]{0,9}['\"]?>[a-z]{0,9}(</a>)?\n",
        "[ -~]{0,40}\r?\n",
    ];
    prop::collection::vec(line, 0..60).prop_map(|lines| lines.concat().into_bytes())
}

fn without_transfer(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Answered(digest) => {
            Outcome::Answered(Box::new(Digest { transfer: Transfer::default(), ..*digest }))
        }
        failed @ Outcome::Failed(_) => failed,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// However the body is cut, whatever looks on, and whatever breaks once the digest has enough: one outcome.
    #[test]
    fn neither_cuts_nor_taps_change_the_outcome(
        body in body(), coded in any::<bool>(), unknown in prop::bool::weighted(0.1), kind in prop::sample::select(&["robots", "text/html", "text/html; charset=utf-16", "image/png"][..]),
        method in prop::sample::select(&[Method::Get, Method::Head][..]),
        cap in prop_oneof![Just(1 << 20), 0..1000_u64], limit in prop_oneof![Just(1 << 20), 0..1000_u32],
        truncate in proptest::option::of(any::<prop::sample::Index>()), broken in any::<bool>(),
        damage in proptest::option::of(any::<prop::sample::Index>()), size in 1..300_usize,
    ) {
        let mut spec = Spec::clone(&spec());
        spec.limits.robots_bytes = limit;
        spec.limits.links = limit / 64;
        let spec = Arc::new(spec);
        let request = Request { body_cap: cap, method, ..if kind == "robots" { robots() } else { page() } };
        let mut bytes = if coded { gzip(&body) } else { body };
        if let Some(at) = damage { let at = at.index(bytes.len() + 1); if let Some(byte) = bytes.get_mut(at) { *byte ^= 4 } }
        if let Some(keep) = truncate { bytes.truncate(keep.index(bytes.len() + 1)) }
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(if kind == "robots" { "text/plain" } else { kind }));
        if coded { headers.insert(CONTENT_ENCODING, HeaderValue::from_static(if unknown { "snappy" } else { "gzip" })); }
        let head = Head { status: StatusCode::OK, headers };
        let broken = broken.then_some(Failure::Timeout(Phase::Body));

        let plain = without_transfer(carry_out(&request, &spec, None, &head, &[&bytes], broken.clone()));
        let pieces: Vec<_> = bytes.chunks(size).collect();
        prop_assert_eq!(&plain, &without_transfer(carry_out(&request, &spec, None, &head, &pieces, broken.clone())));
        for (wants_all, wants_decoded) in [(false, false), (false, true), (true, false), (true, true)] {
            let recorder = Recorder::new(wants_all, wants_decoded);
            let tapped = carry_out(&request, &spec, recorder.tap(), &head, &pieces, broken.clone());
            prop_assert_eq!(&plain, &without_transfer(tapped), "all {}, decoded {}", wants_all, wants_decoded);
            let seen = recorder.seen();
            prop_assert_eq!(seen.ends.len(), 1);
            prop_assert!(bytes.starts_with(&seen.encoded));
            if !coded && wants_decoded { prop_assert!(bytes.starts_with(&seen.decoded)); }
        }
    }
}

#[test]
fn a_compressed_sitemap_is_read_whatever_it_is_called() {
    let text = b"<urlset><url><loc>http://h.test/a</loc></url></urlset>";
    let file = gzip(text);
    let twice = gzip(&file);
    for (fields, body) in [
        (&[(CONTENT_TYPE, "application/gzip")][..], &file[..]),
        (&[(CONTENT_TYPE, "application/octet-stream")], &file),
        (&[], &file),
        (&[(CONTENT_TYPE, "text/xml"), (CONTENT_ENCODING, "gzip")], &file),
        (&[(CONTENT_TYPE, "application/gzip"), (CONTENT_ENCODING, "gzip")], &twice),
        (&[(CONTENT_TYPE, "text/html")], text),
    ] {
        let request = request("http://h.test/sitemap.xml.gz", Kind::Sitemap);
        let head = head(200, fields);
        for size in [1, 7, 1_000] {
            let chunks: Vec<&[u8]> = body.chunks(size).collect();
            let digest = answered(carry_out(&request, &spec(), None, &head, &chunks, None));
            let urls: Vec<_> =
                digest.links.iter().map(|link| (link.target, link.line, link.column)).collect();
            let target =
                crawlspace::digest::Target::Url { origin: "http://h.test", origin_index: 0, rest: "/a" };
            assert_eq!(urls, [(target, 1, 14)], "{fields:?}");
        }
    }
    // What is no sitemap is the page that it is, and compressed pages stay what they are.
    let page = b"<a href=/b>B</a>";
    let as_sitemap = request("http://h.test/", Kind::Sitemap);
    let head = head(200, &[(CONTENT_TYPE, "text/html")]);
    let digest = answered(carry_out(&as_sitemap, &spec(), None, &head, &[page], None));
    assert_eq!(digest.links.iter().next().map(|link| link.place.element()), Some("a"));
    let as_page = request("http://h.test/", Kind::Page);
    let digest = answered(carry_out(&as_page, &spec(), None, &head, &[&gzip(page)], None));
    assert!(digest.links.is_empty());
}
