//! What a request carries, and to whom.

mod support;

use crawlspace::{HeaderSetId, Kind, Request, Validators};
use crawlspace_http::{ACCEPT_ENCODING, HeaderError, HeaderSets, Timeouts, parse_field, request_fields};
use http::HeaderMap;
use http::header::{self, HeaderName, HeaderValue};
use proptest::prelude::*;
use std::time::Duration;
use support::{request, spec};

const CANARY: &str = "CANARY-7";

/// One set, bound to one origin.
fn sets(origin: &str) -> HeaderSets {
    let fields = ["Authorization: Bearer CANARY-7", "X-Api-Key:CANARY-7", "Cookie: a=CANARY-7"];
    let mut sets = HeaderSets::new();
    sets.add(HeaderSetId(1), vec![origin.to_owned()], parsed(&fields)).expect("an origin");
    sets
}

fn parsed(lines: &[&str]) -> HeaderMap {
    lines.iter().map(|line| parse_field(line).expect("a field")).collect()
}

/// A request that claims the set, rightly or not: it may have come out of a queue.
fn claiming(url: &str, kind: Kind) -> Request {
    Request { headers: HeaderSetId(1), ..request(url, kind) }
}

fn leaks(fields: &HeaderMap) -> bool {
    fields.values().any(|value| String::from_utf8_lossy(value.as_bytes()).contains("CANARY"))
}

/// T26, T27, T29, T30, T31, T41, T42: scheme, host and port, exactly.
#[test]
fn configured_headers_go_to_their_origin_alone() {
    let sets = sets("https://a.test");
    for url in ["https://a.test/", "https://A.test:443/x?y", "https://u:p@a.test/"] {
        let fields = request_fields(&claiming(url, Kind::Page), &spec(), &sets);
        for name in ["authorization", "x-api-key", "cookie"] {
            assert!(fields[name].to_str().expect("text").contains(CANARY), "{url} {name}");
        }
    }
    let foreign = [
        "http://a.test/",
        "https://a.test:8443/",
        "https://x.a.test/",
        "https://a.test.evil.test/",
        "https://a.test@evil.test/",
        "https://a.test./",
        "https://b.test/",
        "http://127.0.0.1/",
    ];
    for url in foreign {
        for kind in [Kind::Page, Kind::Check, Kind::Robots, Kind::Sitemap, Kind::Probe] {
            assert!(!leaks(&request_fields(&claiming(url, kind), &spec(), &sets)), "{url} {kind:?}");
        }
    }
}

#[test]
fn a_request_gets_only_the_set_it_names() {
    let sets = sets("https://a.test");
    for id in [HeaderSetId::NONE, HeaderSetId(2)] {
        let request = Request { headers: id, ..request("https://a.test/", Kind::Page) };
        assert!(!leaks(&request_fields(&request, &spec(), &sets)));
    }
}

#[test]
fn a_set_can_be_bound_to_several_origins() {
    let mut sets = HeaderSets::new();
    let origins = ["http://a.test:8080/", "http://[::1]:81", "https://B.test"].map(str::to_owned).to_vec();
    sets.add(HeaderSetId(1), origins, parsed(&["X-Key: CANARY"])).expect("origins");
    for (url, sent) in [
        ("http://a.test:8080/x", true),
        ("http://[::1]:81/", true),
        ("https://b.test/", true),
        ("http://a.test/", false),
        ("http://[::1]/", false),
    ] {
        assert_eq!(leaks(&request_fields(&claiming(url, Kind::Page), &spec(), &sets)), sent, "{url}");
    }
}

/// T36, T39, T40.
#[test]
fn user_information_and_referers_are_never_sent() {
    let request = request("https://user:CANARY@a.test/secret?k=1", Kind::Page);
    let fields = request_fields(&request, &spec(), &HeaderSets::new());
    assert!(!leaks(&fields));
    assert!(!fields.contains_key(header::AUTHORIZATION) && !fields.contains_key(header::REFERER));
}

#[test]
fn the_usual_fields_are_sent() {
    for kind in [Kind::Page, Kind::Check, Kind::Robots, Kind::Sitemap, Kind::Probe] {
        let fields = request_fields(&request("http://a.test/", kind), &spec(), &HeaderSets::new());
        let mut names: Vec<_> = fields.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["accept", "accept-encoding", "user-agent"]);
        assert_eq!(fields[header::USER_AGENT], "crawlspace-test/1");
        assert_eq!(fields[header::ACCEPT_ENCODING], ACCEPT_ENCODING);
        assert!(fields[header::ACCEPT].to_str().expect("text").contains("*/*;q="));
    }
    let page = request_fields(&request("http://a.test/", Kind::Page), &spec(), &HeaderSets::new());
    assert!(page[header::ACCEPT].to_str().expect("text").starts_with("text/html,"));
}

#[test]
fn validators_make_the_request_conditional() {
    let mut request = request("http://a.test/", Kind::Page);
    request.validators = Validators {
        etag: Some("W/\"x\"".to_owned()),
        last_modified: Some("Sun, 06 Nov 1994 08:49:37 GMT".to_owned()),
    };
    let fields = request_fields(&request, &spec(), &HeaderSets::new());
    assert_eq!(fields[header::IF_NONE_MATCH], "W/\"x\"");
    assert_eq!(fields[header::IF_MODIFIED_SINCE], "Sun, 06 Nov 1994 08:49:37 GMT");

    request.validators = Validators { etag: Some("a\r\nX-Evil: 1".to_owned()), last_modified: None };
    let fields = request_fields(&request, &spec(), &HeaderSets::new());
    assert!(
        !fields.contains_key(header::IF_NONE_MATCH),
        "what a server made up does not get out of its line"
    );
}

#[test]
fn a_configured_field_replaces_the_usual_one() {
    let mut sets = HeaderSets::new();
    let fields = parsed(&["User-Agent: mine", "Accept: text/html", "X-Two: 1", "X-Two: 2"]);
    sets.add(HeaderSetId(1), vec!["http://a.test".to_owned()], fields).expect("an origin");
    let fields = request_fields(&claiming("http://a.test/", Kind::Page), &spec(), &sets);
    assert_eq!(fields.get_all(header::USER_AGENT).iter().collect::<Vec<_>>(), ["mine"]);
    assert_eq!(fields.get_all(header::ACCEPT).iter().collect::<Vec<_>>(), ["text/html"]);
    assert_eq!(fields.get_all("x-two").iter().collect::<Vec<_>>(), ["1", "2"]);
}

// ---- secrets stay secret ----

/// T30, T37.
#[test]
fn values_are_never_shown() {
    let sets = sets("https://a.test");
    let shown = format!("{sets:?}");
    assert!(shown.contains("x-api-key") && shown.contains("https://a.test"), "{shown}");
    assert!(!shown.contains("CANARY"), "{shown}");

    let fields = request_fields(&claiming("https://a.test/", Kind::Page), &spec(), &sets);
    assert!(!format!("{fields:?}").contains("CANARY"), "a client may log what it sends");

    assert!(!format!("{:?}", parse_field("X-Api-Key: CANARY")).contains("CANARY"));

    // Also where the fields were not made by `parse_field`.
    let mut sets = HeaderSets::new();
    let plain = [(header::AUTHORIZATION, HeaderValue::from_static("CANARY"))].into_iter().collect();
    sets.add(HeaderSetId(1), vec!["https://a.test".to_owned()], plain).expect("an origin");
    let fields = request_fields(&claiming("https://a.test/", Kind::Page), &spec(), &sets);
    assert!(leaks(&fields) && !format!("{fields:?}").contains("CANARY"));
}

#[test]
fn what_cannot_be_a_field_is_refused_without_showing_it() {
    for (line, said) in [
        ("X-Key: CANARY\r\nX-Evil: 1", "line break"),
        ("X-Key: CANARY\nX-Evil: 1", "line break"),
        ("X-Key: CANARY\0", "cannot be sent"),
        ("X Key: CANARY", "not a token"),
        (": CANARY", "not a token"),
        ("X-\r\nKey: CANARY", "not a token"),
        ("CANARY", "no colon"),
    ] {
        let error = parse_field(line).expect_err(line).to_string();
        assert!(error.contains(said), "{line:?}: {error}");
        assert!(!error.contains("CANARY") && !error.contains('\n'), "{line:?}: {error}");
    }
    let (name, value) = parse_field("  X-Key :\t käse  ").expect("a field");
    assert_eq!((name.as_str(), value.as_bytes()), ("x-key", "käse".as_bytes()));
}

#[test]
fn what_cannot_be_a_set_is_refused() {
    let mut sets = HeaderSets::new();
    let one = || parsed(&["X-Key: 1"]);
    let at = |text: &str| vec![text.to_owned()];
    assert_eq!(sets.add(HeaderSetId::NONE, at("http://a.test"), one()), Err(HeaderError::NoId));
    assert_eq!(sets.add(HeaderSetId(1), vec![], one()), Err(HeaderError::NoOrigin));
    for text in
        ["", "a.test", "*", "https://", "file:///x", "http://a.test/x", "http://a.test/?", "http://u@a.test"]
    {
        let result = sets.add(HeaderSetId(1), at(text), one());
        assert_eq!(result, Err(HeaderError::Origin(text.to_owned())));
    }
    for name in
        ["Host", "Content-Length", "Transfer-Encoding", "Connection", "Accept-Encoding", "TE", "Upgrade"]
    {
        let error = sets.add(HeaderSetId(1), at("http://a.test"), parsed(&[&format!("{name}: x")]));
        assert!(matches!(error, Err(HeaderError::Reserved(_))), "{name}");
    }
    assert!(!leaks(&request_fields(&claiming("http://a.test/", Kind::Page), &spec(), &sets)));
    assert_eq!(format!("{sets:?}"), "{}");
}

// ---- time-outs ----

proptest! {
    /// Whatever is configured, every phase ends before the budget does.
    #[test]
    fn every_phase_ends_within_the_budget(phases in prop::array::uniform5(0..1_000_000_u64), budget in 1..1_000_000_u64) {
        let [resolve, connect, head, body_idle, total] = phases.map(Duration::from_millis);
        let budget = Duration::from_millis(budget);
        let configured = Timeouts { resolve, connect, head, body_idle, total };
        let cut = configured.within(budget);
        prop_assert!(cut.total < budget && cut.total <= total);
        prop_assert!(cut.total == total || budget - cut.total <= Timeouts::MAX_MARGIN);
        for (cut_phase, phase) in
            [(cut.resolve, resolve), (cut.connect, connect), (cut.head, head), (cut.body_idle, body_idle)]
        {
            prop_assert_eq!(cut_phase, phase.min(cut.total));
        }
    }
}
