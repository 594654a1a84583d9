//! A configuration says what it cannot be: the field, the value, and what would do.

#![allow(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

use crawlspace::config::Builder;
use crawlspace::{
    Config, DigestLimits, Engine, HeaderSetId, HostPolicy, Limit, Reach, Retry, RobotsPolicy, Scope, Seed,
    StatusSet, UnixTime,
};
use std::time::Duration;

const DAY: u64 = 24 * 60 * 60;
const YEAR: Duration = Duration::from_secs(366 * DAY);
const NANO: Duration = Duration::from_nanos(1);

fn hosts(concurrency: u32, gap: Duration) -> HostPolicy {
    HostPolicy { concurrency, gap }
}

fn retry(max: u32, base: Duration, cap: Duration) -> Retry {
    Retry { max, base, cap }
}

fn limits(url_bytes: u32, text_chars: u32) -> DigestLimits {
    DigestLimits { url_bytes, text_chars, ..DigestLimits::default() }
}

fn reach(reach: Reach) -> Scope {
    Scope::default().reach(reach)
}

fn bound_to(origin: &str) -> [String; 1] {
    [origin.to_owned()]
}

type Change = fn(Builder) -> Builder;

/// The least and the greatest that each field can be.
#[test]
fn what_can_be_is_built() {
    let changes: [Change; 22] = [
        |config| config.concurrency(1),
        |config| config.concurrency(65_536),
        |config| config.own_hosts(hosts(1, YEAR)).other_hosts(hosts(65_536, Duration::ZERO)),
        |config| config.own_hosts(hosts(65_536, Duration::ZERO)).other_hosts(hosts(1, YEAR)),
        |config| config.retry(retry(0, Duration::ZERO, Duration::ZERO)),
        |config| config.retry(retry(100, YEAR, YEAR)),
        |config| config.max_host_failures(Limit::Max(1)),
        |config| config.max_host_failures(Limit::Max(1_000_000)),
        |config| config.max_redirects(0),
        |config| config.max_redirects(1_000),
        |config| config.fetch_timeout(Duration::from_millis(1)),
        |config| config.fetch_timeout(YEAR),
        |config| config.depth(Limit::Max(0)),
        |config| config.depth(Limit::Max(65_534)),
        |config| config.body_cap(1),
        |config| config.body_cap(1 << 40),
        |config| config.body_cap(7).max_bytes(Limit::Max(7)),
        |config| config.digest_limits(limits(16, 0)),
        |config| config.digest_limits(limits(32_768, 4_096)),
        |config| config.robots(RobotsPolicy { crawl: false, check: true }),
        |config| config.user_agent("My bot/1.0 (~)").robots_token("My-bot_"),
        |config| {
            config
                .headers(HeaderSetId(1), bound_to("https://a.test:8080"))
                .scope(reach(Reach::Host("[::1]".into())))
        },
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let built = change(Config::builder()).build();
        assert!(built.is_ok(), "number {number}: {}", built.unwrap_err());
    }
}

#[test]
fn what_cannot_be_is_told() {
    let changes: [(Change, &str); 32] = [
        (|config| config.concurrency(0), "concurrency is 0, but must be at least 1 and at most 65536"),
        (
            |config| config.concurrency(65_537),
            "concurrency is 65537, but must be at least 1 and at most 65536",
        ),
        (
            |config| config.own_hosts(hosts(0, NANO)),
            "own_hosts is 0, but must be at least 1 and at most 65536",
        ),
        (
            |config| config.other_hosts(hosts(0, NANO)),
            "other_hosts is 0, but must be at least 1 and at most 65536",
        ),
        (
            |config| config.own_hosts(hosts(1, 2 * YEAR)),
            "own_hosts is 732 days, but must be at least 0 s and at most 366 days",
        ),
        (
            |config| config.other_hosts(hosts(1, YEAR + NANO)),
            "other_hosts is 31622400.000000001s, but must be at least 0 s and at most 366 days",
        ),
        (
            |config| config.retry(retry(101, NANO, NANO)),
            "retry is 101, but must be at least 0 and at most 100",
        ),
        (
            |config| config.retry(retry(1, 2 * YEAR, NANO)),
            "retry is 732 days, but must be at least 0 s and at most 366 days",
        ),
        (
            |config| config.retry(retry(1, NANO, 2 * YEAR)),
            "retry is 732 days, but must be at least 0 s and at most 366 days",
        ),
        (
            |config| config.max_host_failures(Limit::Max(0)),
            "max_host_failures is 0, but must be at least 1 and at most 1000000",
        ),
        (
            |config| config.max_host_failures(Limit::Max(1_000_001)),
            "max_host_failures is 1000001, but must be at least 1 and at most 1000000",
        ),
        (
            |config| config.max_redirects(1_001),
            "max_redirects is 1001, but must be at least 0 and at most 1000",
        ),
        (
            |config| config.fetch_timeout(Duration::ZERO),
            "fetch_timeout is 0 s, but must be at least 1ms and at most 366 days",
        ),
        (
            |config| config.fetch_timeout(YEAR + Duration::from_secs(90)),
            "fetch_timeout is 31622490s, but must be at least 1ms and at most 366 days",
        ),
        (
            |config| config.depth(Limit::Max(65_535)),
            "depth is 65535, but must be at least 0 and at most 65534",
        ),
        (|config| config.body_cap(0), "body_cap is 0, but must be at least 1 and at most 1099511627776"),
        (
            |config| config.body_cap((1 << 40) + 1),
            "body_cap is 1099511627777, but must be at least 1 and at most 1099511627776",
        ),
        (
            |config| config.body_cap(7).max_bytes(Limit::Max(6)),
            "max_bytes is 6, but must be at least body_cap (7), which one fetch may take",
        ),
        (
            |config| config.digest_limits(limits(15, 9)),
            "digest_limits.url_bytes is 15, but must be at least 16 and at most 32768",
        ),
        (
            |config| config.digest_limits(limits(32_769, 9)),
            "digest_limits.url_bytes is 32769, but must be at least 16 and at most 32768",
        ),
        (
            |config| config.digest_limits(limits(99, 4_097)),
            "digest_limits.text_chars is 4097, but must be at least 0 and at most 4096",
        ),
        (
            |config| config.declared_sitemaps(true).robots(RobotsPolicy { crawl: false, check: true }),
            "declared_sitemaps is true, but must be false where no robots.txt is asked for, which would declare them",
        ),
        (
            |config| config.user_agent(" "),
            "user_agent is \" \", but must be visible ASCII characters and blanks, not empty",
        ),
        (
            |config| config.user_agent("a\nb"),
            "user_agent is \"a\\nb\", but must be visible ASCII characters and blanks, not empty",
        ),
        (
            |config| config.robots_token(""),
            "robots_token is \"\", but must be letters, '-' and '_' only (RFC 9309)",
        ),
        (
            |config| config.robots_token("bot/1"),
            "robots_token is \"bot/1\", but must be letters, '-' and '_' only (RFC 9309)",
        ),
        (
            |config| config.scope(reach(Reach::Origin("mailto:a@a.test".parse().unwrap()))),
            "scope is \"mailto:a@a.test\", but must be a URL with a host",
        ),
        (
            |config| config.scope(reach(Reach::Prefix("data:,x".parse().unwrap()))),
            "scope is \"data:,x\", but must be a URL with a host",
        ),
        (
            |config| config.scope(reach(Reach::Host("A.test".into()))),
            "scope is \"A.test\", but must be \"a.test\"",
        ),
        (
            |config| config.scope(reach(Reach::Domain("a b".into()))),
            "scope is \"a b\", but must be a host name or an address",
        ),
        (
            |config| config.headers(HeaderSetId::NONE, bound_to("http://a.test")),
            "headers is set 0, but must be a set from 1 to 65535: 0 stands for none",
        ),
        (
            |config| config.headers(HeaderSetId(1), bound_to("http://a.test/")),
            "headers is bound to \"http://a.test/\", but must be bound to origins such as https://example.com or \
             http://example.com:8080",
        ),
    ];
    for (change, message) in changes {
        let error = change(Config::builder()).build().unwrap_err();
        assert_eq!(error.to_string(), message);
        assert!(message.starts_with(error.field()), "{}", error.field());
    }
}

/// What is set later takes nothing from what was set before.
#[test]
fn what_is_set_stays() {
    let seed: url::Url = "http://a.test/".parse().unwrap();
    let accept: StatusSet = "200..=299,999".parse().unwrap();
    let reach = reach(Reach::Host("b.test".into()));
    let config = Config::builder()
        .user_agent("a bot/1")
        .seed(seed.clone())
        .scope(reach.clone())
        .accept(accept.clone())
        .max_time(Limit::Max(YEAR))
        .digest_limits(limits(99, 9))
        .soft_404(true)
        .concurrency(5)
        .robots_token("a-bot")
        .build()
        .unwrap();
    assert_eq!((config.seeds(), config.concurrency(), config.max_time()), (&[seed][..], 5, Limit::Max(YEAR)));
    assert_eq!((config.accept(), format!("{:?}", config.scope())), (&accept, format!("{reach:?}")));
    let engine = Engine::new(config, Seed(7), UnixTime::from_secs(0));
    let spec = engine.spec();
    assert_eq!((spec.user_agent.as_str(), spec.robots_token.as_str()), ("a bot/1", "a-bot"));
    assert_eq!((&spec.limits, spec.extras.contents), (&limits(99, 9), true));
}
