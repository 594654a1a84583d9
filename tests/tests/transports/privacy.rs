//! What a request tells, and to whom.

use crawlspace::HeaderSetId;
use crawlspace_http::{ACCEPT_ENCODING, HeaderSets, parse_field};
use crawlspace_tests::request::{USER_AGENT, request};
use crawlspace_tests::scripted::{Received, Script, Scripted};
use crawlspace_tests::transport::{TRANSPORTS, settings};
use std::env;
use std::process::Command;

const ANSWER: &str = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nSet-Cookie: id=1\r\n\r\nbody";

fn names(received: &Received) -> Vec<&str> {
    let mut names: Vec<_> = received.fields.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names
}

#[test]
fn nothing_is_sent_that_was_not_asked_for() {
    for (name, open) in TRANSPORTS {
        let server = Scripted::start(Script::serve(ANSWER));
        let transport = open(&settings());
        for _ in 0..2 {
            let _ = transport.fetch(&request(&server.url("/a%20b?c=d|e#fragment")));
        }
        for received in server.received() {
            assert_eq!(received.line, "GET /a%20b?c=d|e HTTP/1.1", "{name}");
            assert_eq!(names(&received), ["accept", "accept-encoding", "host", "user-agent"], "{name}");
            assert_eq!(received.field("host"), Some(server.address().to_string().as_str()), "{name}");
            assert_eq!(received.field("user-agent"), Some(USER_AGENT), "{name}");
            assert_eq!(received.field("accept-encoding"), Some(ACCEPT_ENCODING), "{name}");
        }
    }
}

#[test]
fn user_information_is_never_sent() {
    for (name, open) in TRANSPORTS {
        let server = Scripted::start(Script::serve(ANSWER));
        let url = server.url("/").replace("http://", "http://user:secret@");
        let _ = open(&settings()).fetch(&request(&url));
        let received = &server.received()[0];
        assert_eq!(received.line, "GET / HTTP/1.1", "{name}");
        assert_eq!(received.field("authorization"), None, "{name}");
        assert!(!format!("{received:?}").contains("secret"), "{name}: {received:?}");
    }
}

#[test]
fn validators_are_sent() {
    for (name, open) in TRANSPORTS {
        let server = Scripted::start(Script::serve("HTTP/1.1 304 Not Modified\r\n\r\n"));
        let mut request = request(&server.url("/"));
        request.validators.etag = Some("W/\"1\"".to_owned());
        request.validators.last_modified = Some("Sun, 06 Nov 1994 08:49:37 GMT".to_owned());
        let _ = open(&settings()).fetch(&request);
        let received = &server.received()[0];
        assert_eq!(received.field("if-none-match"), Some("W/\"1\""), "{name}");
        assert_eq!(received.field("if-modified-since"), Some("Sun, 06 Nov 1994 08:49:37 GMT"), "{name}");
    }
}

/// Another port of the same host is another origin.
#[test]
fn configured_fields_go_to_their_origin_alone() {
    for (name, open) in TRANSPORTS {
        let (own, other) = (Scripted::start(Script::serve(ANSWER)), Scripted::start(Script::serve(ANSWER)));
        let fields = ["X-Api-Key: secret", "Cookie: session=secret", "Authorization: Bearer secret"]
            .map(|field| parse_field(field).expect("a field"));
        let mut headers = HeaderSets::new();
        headers.add(HeaderSetId(1), vec![own.url("")], fields.into_iter().collect()).expect("a header set");
        let transport = open(&settings().header_sets(headers));
        for (server, id) in [(&own, 1), (&own, 0), (&own, 2), (&other, 1)] {
            let mut request = request(&server.url("/"));
            request.headers = HeaderSetId(id);
            let _ = transport.fetch(&request);
        }
        let received = own.received();
        for field in ["x-api-key", "cookie", "authorization"] {
            assert!(
                received[0].field(field).is_some_and(|value| value.contains("secret")),
                "{name}: {field}"
            );
        }
        for received in received[1..].iter().chain(&other.received()) {
            assert!(!format!("{received:?}").contains("secret"), "{name}: {received:?}");
        }
        assert_eq!(other.received().len(), 1, "{name}");
    }
}

/// Tells the other half of [`proxies_of_the_environment_are_not_used`] what to fetch.
const TARGET: &str = "CRAWLSPACE_TESTS_TARGET";

/// Threads share their environment, so this is done in a process of its own: this test's binary once more.
#[test]
fn proxies_of_the_environment_are_not_used() {
    let (target, proxy) = (Scripted::start(Script::serve(ANSWER)), Scripted::start(Script::serve(ANSWER)));
    let mut child = Command::new(env::current_exe().expect("this binary"));
    child.args(["--exact", "privacy::fetch_what_the_environment_names"]).env(TARGET, target.url("/"));
    for variable in ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        child.env(variable, proxy.url(""));
    }
    let output = child.env_remove("no_proxy").env_remove("NO_PROXY").output().expect("a child process");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(target.received().len(), TRANSPORTS.len());
    assert_eq!(proxy.connections(), 0);
}

#[test]
fn fetch_what_the_environment_names() {
    let Ok(target) = env::var(TARGET) else { return };
    for (_, open) in TRANSPORTS {
        let _ = open(&settings()).fetch(&request(&target));
    }
}
