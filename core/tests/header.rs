//! Header fields: other people's cases, and properties.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test may fail, and shows its table"
)]

use crawlspace::digest::{Directives, Location, RateLimit};
use crawlspace::header::{self, LinkValue, MediaType};
use crawlspace::{RetryAfter, UnixTime};
use html5ever::tokenizer::states::{RawKind, State};
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer};
use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use url::Url;

/// Cases that are judged differently, each with the reason.
const DIFFERENT: &[(&str, &[&str])] = &[(
    "RFC 9110 section 10.2.3: a date, if a past one, which asks for no wait; ignoring it comes to the same",
    &["http-2fd108238203"],
)];

#[test]
fn vectors() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("data/http.json")).unwrap();
    let known: BTreeSet<&str> = DIFFERENT.iter().flat_map(|(_, ids)| *ids).copied().collect();
    let mut table = BTreeMap::<(&str, &str, &str), (u32, u32)>::new();
    let mut failed = BTreeSet::new();
    for case in &cases {
        let text = |key: &str| case[key].as_str().unwrap_or_default();
        let row = table.entry((text("kind"), text("tier"), text("source"))).or_default();
        row.1 += 1;
        match judge(case) {
            Ok(()) => row.0 += 1,
            Err(why) => {
                if !known.contains(text("id")) {
                    eprintln!("{} {} {} {}: {why}", text("id"), text("kind"), text("tier"), text("name"));
                }
                failed.insert(text("id"));
            }
        }
    }
    for ((kind, tier, source), (passed, all)) in table {
        println!("{kind:18} {tier:10} {source:32} {passed:3} of {all:3}");
    }
    assert_eq!(failed, known, "what fails and what is known to differ");
}

fn judge(case: &Value) -> Result<(), String> {
    let text = |key: &str| case[key].as_str().unwrap_or_default();
    match text("kind") {
        "content_type" => media_type(case, MediaType::parse(&octets(&case["header"]))),
        "content_type_multi" => media_type(case, MediaType::of(&fields("content-type", &case["headers"]))),
        "retry_after" => {
            let now = rfc3339(text("now"));
            let wait = RetryAfter::parse(&octets(&case["value"])).map(|after| after.wait(now).as_secs());
            same(&json!(wait), &case["expect_seconds"])
        }
        "http_date" => same(&json!(header::http_date(text("value")).map(UnixTime::as_secs)), &case["unix"]),
        "redirect" => {
            let url = Url::parse(text("request_url")).unwrap();
            let status = u16::try_from(case["status"].as_u64().unwrap()).unwrap();
            let location = match &case["location"] {
                Value::Null => HeaderMap::new(),
                value => fields("location", &json!([value])),
            };
            let next = header::location(status, &location, &url).and_then(|to| header::next_url(&url, &to));
            same(&json!(next.is_some()), &case["followed"])?;
            // The engine asks with GET and HEAD alone, and no redirect changes these.
            if next.is_some() && ["GET", "HEAD"].contains(&text("method")) {
                same(&case["next_method"], &case["method"])?;
            }
            let spelt =
                |url: &Url| (crawlspace::Identity::of(url).to_string(), url.fragment().map(str::to_owned));
            let expected = case["next_url"].as_str().map(|next| spelt(&Url::parse(next).unwrap()));
            same(&next.as_ref().map(spelt), &expected)
        }
        "link_header" => {
            let base = Url::parse(text("document_url")).unwrap();
            let links = LinkValue::parse(&octets(&case["value"]));
            let expected = case["links"].as_array().unwrap();
            same(&links.len(), &expected.len())?;
            links.iter().zip(expected).try_for_each(|(link, expected)| {
                for (key, value) in expected.as_object().unwrap() {
                    let got = match key.as_str() {
                        "target" => json!(link.target),
                        "url" => json!(base.join(&link.target).ok().map(String::from)),
                        "rel" => json!(link.rel().collect::<Vec<_>>()),
                        name => json!(link.parameter(name.trim_end_matches('*'))),
                    };
                    same(&got, value)?;
                }
                Ok(())
            })
        }
        "x_robots_tag" => {
            let headers = fields("x-robots-tag", &case["headers"]);
            directives(case, header::x_robots_tag(&headers, text("user_agent")))
        }
        "meta_robots" => {
            let mut all = Directives::default();
            for (name, content) in metas(text("html")) {
                let one = header::meta_robots(&name, &content, text("user_agent"));
                all.noindex |= one.noindex;
                all.nofollow |= one.nofollow;
            }
            directives(case, all)
        }
        other => Err(format!("unknown kind {other}")),
    }
}

fn media_type(case: &Value, got: Option<MediaType>) -> Result<(), String> {
    same(&json!(got.as_ref().map(MediaType::to_string)), &case["mime_type"])?;
    same(&json!(got.as_ref().map(MediaType::essence)), &case["essence"])?;
    same(
        &json!(got.as_ref().and_then(MediaType::encoding).map(|encoding| encoding.name())),
        &case["encoding"],
    )
}

fn directives(case: &Value, got: Directives) -> Result<(), String> {
    same(
        &json!({"noindex": got.noindex, "nofollow": got.nofollow}),
        &json!({"noindex": case["noindex"], "nofollow": case["nofollow"]}),
    )
}

fn same<T: PartialEq + std::fmt::Debug>(got: &T, expected: &T) -> Result<(), String> {
    if got == expected { Ok(()) } else { Err(format!("got {got:?}, expected {expected:?}")) }
}

/// A field's value: characters up to U+00FF stand for octets, others for their UTF-8.
fn octets(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap_or_default();
    text.chars().map(|char| u8::try_from(char).ok()).collect::<Option<_>>().unwrap_or_else(|| text.into())
}

fn fields(name: &'static str, values: &Value) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for value in values.as_array().unwrap() {
        let value = HeaderValue::from_bytes(&octets(value)).unwrap();
        headers.append(HeaderName::from_static(name), value);
    }
    headers
}

/// `YYYY-MM-DDThh:mm:ssZ`.
fn rfc3339(text: &str) -> UnixTime {
    let number = |range: std::ops::Range<usize>| text[range].parse::<usize>().unwrap();
    let month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        [number(5..7) - 1];
    header::http_date(&format!("Sun, {} {month} {} {} GMT", &text[8..10], &text[..4], &text[11..19])).unwrap()
}

/// Name and content of each `meta` that is rendered.
fn metas(html: &str) -> Vec<(String, String)> {
    #[derive(Default)]
    struct Metas {
        found: RefCell<Vec<(String, String)>>,
        templates: RefCell<u32>,
    }

    impl TokenSink for Metas {
        type Handle = ();

        fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
            let Token::TagToken(Tag { kind, name, attrs, .. }) = token else {
                return TokenSinkResult::Continue;
            };
            match (kind, &*name) {
                (TagKind::StartTag, "script") => return TokenSinkResult::RawData(RawKind::ScriptData),
                (TagKind::StartTag, "template") => *self.templates.borrow_mut() += 1,
                (TagKind::EndTag, "template") => *self.templates.borrow_mut() -= 1,
                (TagKind::StartTag, "meta") if *self.templates.borrow() == 0 => {
                    let attribute = |name: &str| {
                        let found = attrs.iter().find(|attribute| &*attribute.name.local == name);
                        found.map(|attribute| attribute.value.to_string()).unwrap_or_default()
                    };
                    self.found.borrow_mut().push((attribute("name"), attribute("content")));
                }
                _ => {}
            }
            TokenSinkResult::Continue
        }
    }

    let tokenizer = Tokenizer::new(
        Metas::default(),
        html5ever::tokenizer::TokenizerOpts { initial_state: Some(State::Data), ..Default::default() },
    );
    let input = BufferQueue::default();
    input.push_back(html.into());
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.found.take()
}

proptest! {
    #[test]
    fn any_value_can_be_read(value: Vec<u8>, text: String) {
        let _ = MediaType::parse(&value);
        let _ = RetryAfter::parse(&value);
        let _ = RetryAfter::parse(text.as_bytes());
        let _ = LinkValue::parse(&value);
        let _ = header::http_date(&text);
        let _ = header::meta_robots("robots", &text, &text);
        if let Ok(value) = HeaderValue::from_bytes(&value) {
            let mut headers = HeaderMap::new();
            for name in ["content-type", "location", "retry-after", "link", "x-robots-tag"] {
                headers.append(name, value.clone());
                headers.append(name, value.clone());
            }
            let _ = MediaType::of(&headers);
            let _ = header::links(&headers).count();
            let _ = header::x_robots_tag(&headers, &text);
            let _ = header::location(302, &headers, &Url::parse("http://example.com/a?b").unwrap());
        }
    }

    #[test]
    fn a_media_type_reads_what_it_writes(value in r#"a/b(; ?[a-c]="?([ab;, é]|\\[\\"a]){0,4}"?){0,4}"#) {
        if let Some(media_type) = MediaType::parse(&octets(&json!(value))) {
            let written = media_type.to_string();
            prop_assert_eq!(MediaType::parse(&octets(&json!(written))), Some(media_type), "{}", written);
        }
    }

    /// The three forms of a date, made by counting days, and spellings that only `Retry-After` accepts.
    #[test]
    fn dates_are_counted_right(secs in 0_i64..20_000_000_000) {
        let (mut year, mut month, mut day) = (1970, 0, secs / 86_400);
        let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        while day >= 365 + i64::from(leap(year)) {
            day -= 365 + i64::from(leap(year));
            year += 1;
        }
        let lengths = [31, 28 + i64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        while day >= lengths[month] {
            day -= lengths[month];
            month += 1;
        }
        let month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][month];
        let (day, time) = (day + 1, format!("{:02}:{:02}:{:02}", secs / 3_600 % 24, secs / 60 % 60, secs % 60));
        let expected = Some(UnixTime::from_secs(secs));
        let mut forms = vec![
            format!("Mon, {day:02} {month} {year} {time} GMT"),
            format!("Mon {month} {day:2} {time} {year}"),
        ];
        if year < 2_070 {
            forms.push(format!("Monday, {day:02}-{month}-{:02} {time} GMT", year % 100));
        }
        for form in &forms {
            prop_assert_eq!(header::http_date(form), expected, "{}", form);
        }
        forms.extend([
            format!("{day} {month} {year} {time}"),
            format!("mon, {day} {} {year} {time} utc", month.to_lowercase()),
            format!("{year} {day} {month} {time} UT"),
            format!("{time} {month}-{day}-{year} z"),
        ]);
        let parts = [day.to_string(), month.to_owned(), year.to_string(), time.clone()];
        for left_out in 0..parts.len() {
            let others: Vec<&str> =
                (0..parts.len()).filter(|part| *part != left_out).map(|part| parts[part].as_str()).collect();
            prop_assert_eq!(RetryAfter::parse(others.join(" ").as_bytes()), None, "{}", others.join(" "));
        }
        if year < 2_070 {
            forms.push(format!("{day:02} {month} {:02} {time}", year % 100));
        }
        for form in &forms {
            prop_assert_eq!(RetryAfter::parse(form.as_bytes()), expected.map(RetryAfter::Date), "{}", form);
            prop_assert_eq!(RetryAfter::parse(format!("{form} PST").as_bytes()), None);
        }
    }
}

#[test]
fn octets_of_a_location_come_back() {
    let url = Url::parse("http://example.com/a").unwrap();
    let to = |value: &[u8]| {
        let mut headers = HeaderMap::new();
        headers.insert("location", HeaderValue::from_bytes(value).unwrap());
        header::location(301, &headers, &url)
    };
    let target = |url: &str| Some(Location::To { url: url.to_owned(), fragment: None });
    assert_eq!(to("/ü".as_bytes()), target("http://example.com/%C3%BC"));
    assert_eq!(to(b"/\xfc"), target("http://example.com/%FC"));
    assert_eq!(to("//bücher.example/".as_bytes()), target("http://xn--bcher-kva.example/"));
    assert_eq!(to(b"http://["), Some(Location::Invalid("http://[".to_owned())));
}

#[test]
fn media_types_split_at_commas_outside_of_quotes() {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", r#"text/html;x="\",text/plain;y=";charset=a;charset=b"#.parse().unwrap());
    let media_type = MediaType::of(&headers).map(|media_type| media_type.to_string());
    assert_eq!(media_type.as_deref(), Some(r#"text/html;x="\",text/plain;y=";charset=a"#));
    headers.insert("content-type", "text/html, text/plain".parse().unwrap());
    assert_eq!(
        MediaType::of(&headers).map(|media_type| media_type.to_string()).as_deref(),
        Some("text/plain")
    );
}

/// Nothing but another digit can stand for a digit, and nothing at all for the rest.
#[test]
fn a_date_is_read_to_the_letter() {
    for date in
        ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov 16 08:49:37 1994"]
    {
        assert!(header::http_date(date).is_some(), "{date}");
        for (at, own) in date.char_indices() {
            for other in [' ', '-', ':', 'x', 'G'].into_iter().filter(|other| *other != own) {
                let changed = format!("{}{other}{}", &date[..at], &date[at + 1..]);
                let is_day_below_ten = other == ' ' && at == 8 && !date.ends_with("GMT");
                assert_eq!(header::http_date(&changed).is_some(), is_day_below_ten, "{changed}");
            }
        }
    }
}

#[test]
fn moments_at_the_edge() {
    let leap_second = UnixTime::from_secs(1_483_228_800);
    assert_eq!(header::http_date("Sat, 31 Dec 2016 23:59:60 GMT"), Some(leap_second));
    assert_eq!(header::http_date("Sat, 31 Dec 2016 23:59:61 GMT"), None);
    assert_eq!(header::http_date("Mon, 29 Feb 2100 00:00:00 GMT"), None);
    // Microseconds in 64 bits hold the one and not the other.
    assert!(RetryAfter::parse(b"18446744073709").is_some());
    assert!(RetryAfter::parse(b"18446744073710").is_none());
}

#[test]
fn permanent_redirects_are_two() {
    let permanent: Vec<u16> = (0..=999).filter(|&status| header::is_permanent(status)).collect();
    assert_eq!(permanent, [301, 308]);
    assert!(permanent.iter().all(|&status| header::is_redirect(status)));
}

#[test]
fn extended_parameters_win() {
    let links = LinkValue::parse(b"<a>; title=plain; title*=UTF-8'de'n%c3%a4chstes; title*=UTF-8''x; media");
    assert_eq!(links[0].parameter("title"), Some("nächstes"));
    assert_eq!(links[0].parameter("media"), Some(""));
    let links = LinkValue::parse(b"<a>; title*=latin-1''a; title=plain, , <b>");
    assert_eq!(links[0].parameter("title"), Some("plain"));
    assert_eq!(links[1].target, "b");
}

#[test]
fn thousands_of_parameters_are_read_once() {
    let many = "x;".to_owned() + &(0..200_000).map(|index| format!("p{index}=v;")).collect::<String>();
    assert!(MediaType::parse(format!("text/html;{many}").as_bytes()).is_some());
    assert_eq!(LinkValue::parse(format!("<a>;{many}").as_bytes()).len(), 1);
}

fn rate_limit(fields: &[(&'static str, &str)]) -> Option<RateLimit> {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        headers.append(*name, HeaderValue::from_str(value).unwrap());
    }
    RateLimit::of(&headers)
}

fn left(remaining: u64, seconds: u64) -> Option<RateLimit> {
    Some(RateLimit { remaining, reset: RetryAfter::Delay(Duration::from_secs(seconds)) })
}

fn left_until(remaining: u64, date: i64) -> Option<RateLimit> {
    Some(RateLimit { remaining, reset: RetryAfter::Date(UnixTime::from_secs(date)) })
}

/// The forms of the drafts, and those that are older than any.
#[test]
fn rate_limits() {
    for (value, expected) in [
        ("\"default\";r=50;t=30", left(50, 30)),
        ("default;r=0;t=30;pk=:cGs=:", left(0, 30)),
        ("\"a;r=1,\\\";t=1\";r=7 ; t=8", left(7, 8)),
        ("\"day\";r=100;t=3600, \"minute\";r=3;t=12", left(3, 12)),
        ("\"a\";r=0;t=1, \"b\";r=0;t=9", left(0, 9)),
        ("limit=100, remaining=50, reset=5", left(50, 5)),
        ("limit=100,remaining=0,reset=5", left(0, 5)),
        ("\"default\";r=50", None),
        ("\"default\";t=50", None),
        ("\"default\";r=x;t=50", None),
        ("r=1;t=2", None),
        ("r=1, reset=5", None),
        ("remaining=1, t=5", None),
        ("a;remaining=1;reset=5", None),
        ("100", None),
        ("", None),
    ] {
        assert_eq!(RateLimit::parse(value), expected, "{value}");
    }
    for prefix in ["ratelimit", "x-ratelimit", "x-rate-limit"] {
        let name = |what: &str| -> &'static str { Box::leak(format!("{prefix}-{what}").into_boxed_str()) };
        let both = |remaining, reset| rate_limit(&[(name("remaining"), remaining), (name("reset"), reset)]);
        assert_eq!(both("0", "60"), left(0, 60), "{prefix}");
        assert_eq!(both("0.0", "0.25"), left(0, 1), "{prefix}");
        assert_eq!(both("-1", "60"), left(0, 60), "{prefix}");
        assert_eq!(both("12", "1700000000"), left_until(12, 1_700_000_000), "{prefix}: seconds since 1970");
        assert_eq!(both("12", "1700000000123"), left_until(12, 1_700_000_001), "{prefix}: milliseconds");
        assert_eq!(both("12", "1700000000.1"), left_until(12, 1_700_000_001), "{prefix}: a fraction");
        assert_eq!(both("12", "999999999"), left(12, 999_999_999), "{prefix}: the longest wait");
        assert_eq!(both("12", "1000000000"), left_until(12, 1_000_000_000), "{prefix}: the first date");
        assert_eq!(
            both("12", "999999999999"),
            left_until(12, 999_999_999_999),
            "{prefix}: the last in seconds"
        );
        assert_eq!(
            both("12", "1000000000000"),
            left_until(12, 1_000_000_000),
            "{prefix}: the first in milliseconds"
        );
        assert_eq!(both("9007199254740991", "60"), left((1 << 53) - 1, 60), "{prefix}: the largest number");
        assert_eq!(both("9007199254740992", "60"), None, "{prefix}");
        assert_eq!(both("0", "Sun, 06 Nov 1994 08:49:37 GMT"), left_until(0, 784_111_777), "{prefix}");
        assert_eq!(both("many", "60"), None, "{prefix}");
        assert_eq!(both("0", "soon"), None, "{prefix}");
        for number in ["", "1.", ".5", "1.x", "1.5.5", "0x1", "+1"] {
            assert_eq!(both("0", number), None, "{prefix}: {number}");
            assert_eq!(both(number, "1"), None, "{prefix}: {number}");
        }
        let after = [(name("remaining"), "0"), (name("reset"), "1700000000"), (name("reset-after"), "1.5")];
        assert_eq!(rate_limit(&after), left(0, 2), "{prefix}: no clock is needed for this");
    }
    let several =
        [("ratelimit", "\"a\";r=5;t=1"), ("ratelimit", "\"b\";r=4;t=2"), ("x-ratelimit-remaining", "9")];
    assert_eq!(rate_limit(&several), left(4, 2), "the tightest of all");
    assert_eq!(rate_limit(&[("x-ratelimit-limit", "60")]), None);
}

proptest! {
    #[test]
    fn rate_limits_of_anything(value in any::<Vec<u8>>(), text in "[rt0-9;,=. \"\\\\a-]{0,40}") {
        let _ = RateLimit::parse(&text);
        let mut headers = HeaderMap::new();
        for name in ["ratelimit", "x-ratelimit-remaining", "x-ratelimit-reset", "x-ratelimit-reset-after"] {
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                headers.append(name, value);
            }
        }
        let _ = RateLimit::of(&headers);
    }

    /// However they are written and in whatever order, the tightest of the policies counts.
    #[test]
    fn rate_limits_come_back(
        policies in prop::collection::vec((0..1_000_u64, 0..100_000_u64), 1..6), blanks in " {0,2}", swapped: bool,
    ) {
        let written: Vec<_> = policies
            .iter()
            .map(|(r, t)| if swapped { format!("\"p,;\";t={t}{blanks};r={r}") } else { format!("p;{blanks}r={r};t={t}") })
            .collect();
        let value = written.join(&format!("{blanks},{blanks}"));
        let least = policies.iter().map(|(r, _)| *r).min().unwrap();
        let longest = policies.iter().filter(|(r, _)| *r == least).map(|(_, t)| *t).max().unwrap();
        prop_assert_eq!(RateLimit::parse(&value), left(least, longest), "{}", value);
        let backwards: Vec<_> = written.iter().rev().cloned().collect();
        prop_assert_eq!(RateLimit::parse(&backwards.join(",")), left(least, longest));
        let mut headers = HeaderMap::new();
        written.iter().for_each(|one| { headers.append("RateLimit", HeaderValue::from_str(one).unwrap()); });
        prop_assert_eq!(RateLimit::of(&headers), left(least, longest), "a line each");
    }
}
