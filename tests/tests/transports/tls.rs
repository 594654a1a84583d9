//! X6: what TLS makes of a fetch.

use crate::case::patient;
use crawlspace::{Failure, Outcome, Phase, Tls};
use crawlspace_http::{Resolver, ResolverConfig, Timeouts};
use crawlspace_tests::authority::{Authority, Flaw, Goodbye, TlsServer};
use crawlspace_tests::request::request;
use crawlspace_tests::scripted::{Script, Scripted, Step};
use crawlspace_tests::transport::{TRANSPORTS, fetch, settings};
use std::time::Duration;

const WHOLE: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nbody";
const UNTIL_CLOSE: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nbody";

/// What each transport makes of a server like this.
fn outcomes(flaw: Flaw, host: &str, answer: &'static str, goodbye: Goodbye) -> Vec<(&'static str, Outcome)> {
    let authority = Authority::new().expect("an authority");
    let config = authority.server(flaw).expect("a server's settings");
    let server = TlsServer::start(config, answer, goodbye, TRANSPORTS.len());
    let setup = settings().tls(authority.client(&[b"http/1.1"]).expect("a client's settings"));
    let url = format!("https://{host}:{}/", server.address().port());
    TRANSPORTS.iter().map(|(name, open)| (*name, open(&setup).fetch(&request(&url)))).collect()
}

fn assert_failed(outcomes: &[(&'static str, Outcome)], failure: &Failure) {
    for (name, outcome) in outcomes {
        assert_eq!(outcome, &Outcome::Failed(failure.clone()), "{name}");
    }
}

fn assert_answered(outcomes: &[(&'static str, Outcome)]) {
    for (name, outcome) in outcomes {
        assert!(matches!(outcome, Outcome::Answered(digest) if digest.status == 200), "{name}: {outcome:?}");
    }
}

#[test]
fn a_good_certificate() {
    assert_answered(&outcomes(Flaw::None, "localhost", WHOLE, Goodbye::Said));
    assert_answered(&outcomes(Flaw::None, "127.0.0.1", WHOLE, Goodbye::Said));
}

#[test]
fn bad_certificates() {
    for (flaw, tls) in [
        (Flaw::Expired, Tls::Expired),
        (Flaw::NotYetValid, Tls::NotYetValid),
        (Flaw::WrongName, Tls::WrongName),
        (Flaw::SelfSigned, Tls::UnknownIssuer),
    ] {
        assert_failed(&outcomes(flaw, "localhost", WHOLE, Goodbye::Said), &Failure::Tls(tls));
    }
    assert_failed(
        &outcomes(Flaw::WrongName, "127.0.0.1", WHOLE, Goodbye::Said),
        &Failure::Tls(Tls::WrongName),
    );
}

/// A host that no certificate can be for.
#[test]
fn a_name_that_no_certificate_can_hold() {
    for (name, open) in TRANSPORTS {
        let server = Scripted::start(Script::default().then(Step::ReadSome));
        let overrides = [("a!b.test".to_owned(), vec![server.address().ip()])].into();
        let resolver = Resolver::new(ResolverConfig { overrides, ..ResolverConfig::default() });
        let setup = settings().resolver(resolver);
        let outcome = open(&setup).fetch(&request(&format!("https://a!b.test:{}/", server.address().port())));
        assert_eq!(outcome, Outcome::Failed(Failure::Tls(Tls::WrongName)), "{name}");
    }
}

#[test]
fn an_authority_nobody_knows() {
    let config = Authority::new().and_then(|authority| {
        authority.server(Flaw::None).map_err(|_| rcgen::Error::CouldNotParseCertificate)
    });
    let server =
        TlsServer::start(config.expect("a server's settings"), WHOLE, Goodbye::Said, TRANSPORTS.len());
    for (name, open) in TRANSPORTS {
        let outcome = open(&settings()).fetch(&request(&format!("https://{}/", server.address())));
        assert_eq!(outcome, Outcome::Failed(Failure::Tls(Tls::UnknownIssuer)), "{name}");
    }
}

/// Where the framing tells the end, the goodbye is not needed; where it does not, an end without one may be an
/// attacker's (RFC 9112 section 9.8).
#[test]
fn a_connection_closed_without_goodbye() {
    assert_answered(&outcomes(Flaw::None, "localhost", WHOLE, Goodbye::Unsaid));
    assert_answered(&outcomes(Flaw::None, "localhost", UNTIL_CLOSE, Goodbye::Said));
    assert_failed(&outcomes(Flaw::None, "localhost", UNTIL_CLOSE, Goodbye::Unsaid), &Failure::Truncated);
}

#[test]
fn peers_that_do_not_shake_hands() {
    let not_tls = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    let one = || Script::default().then(Step::ReadSome);
    for (script, failure) in [
        (one().write(not_tls), Failure::Tls(Tls::Handshake)),
        (one(), Failure::Tls(Tls::Handshake)),
        (one().hold(), Failure::Timeout(Phase::Connect)),
    ] {
        for (name, open) in TRANSPORTS {
            let server = Scripted::start(script.clone());
            let timeouts = Timeouts { connect: Duration::from_millis(1_000), ..patient() };
            let url = format!("https://{}/", server.address());
            let outcome = fetch(*open, &settings().timeouts(timeouts), &request(&url));
            assert_eq!(outcome, Some(Outcome::Failed(failure.clone())), "{name}");
            assert_eq!(server.connections(), 1, "{name}");
        }
    }
}
