//! Handshakes in memory: our client settings against a server of rustls with certificates made here.

use crawlspace::{Failure, Phase, Tls};
use crawlspace_http::{io_failure, tls};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, Error, ProtocolVersion, ServerConfig, ServerConnection};
use std::io::{self, Cursor, ErrorKind};
use std::sync::Arc;

type Issuer = CertifiedIssuer<'static, KeyPair>;

fn key() -> KeyPair {
    KeyPair::generate().expect("randomness")
}

fn authority(name: &str) -> Issuer {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, key()).expect("a certificate")
}

fn params(name: &str) -> CertificateParams {
    CertificateParams::new([name.to_owned()]).expect("a name")
}

fn server(
    params: CertificateParams,
    issuer: Option<&Issuer>,
    versions: &[&'static rustls::SupportedProtocolVersion],
    alpn: &[&[u8]],
) -> Arc<ServerConfig> {
    let key = key();
    let certificate = match issuer {
        Some(issuer) => params.signed_by(&key, issuer),
        None => params.self_signed(&key),
    };
    let chain = vec![CertificateDer::from(certificate.expect("a certificate"))];
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ServerConfig::builder_with_provider(provider).with_protocol_versions(versions).expect("versions");
    let mut config = builder.with_no_client_auth().with_single_cert(chain, key).expect("a pair");
    config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
    Arc::new(config)
}

/// Passes bytes to and fro until both are done or the client gives up.
fn handshake(
    client: Arc<ClientConfig>,
    server: Arc<ServerConfig>,
    host: &str,
) -> Result<ClientConnection, Error> {
    let name = ServerName::try_from(host.to_owned()).expect("a name");
    let mut client = ClientConnection::new(client, name).expect("a client");
    let mut server = ServerConnection::new(server).expect("a server");
    while client.is_handshaking() {
        let mut wire = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut wire).expect("memory");
        }
        server.read_tls(&mut Cursor::new(wire)).expect("memory");
        // What the server makes of it comes back as an alert.
        let _ = server.process_new_packets();
        let mut wire = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut wire).expect("memory");
        }
        if wire.is_empty() {
            break;
        }
        let mut wire = Cursor::new(wire);
        while client.read_tls(&mut wire).expect("memory") > 0 {
            client.process_new_packets()?;
        }
    }
    Ok(client)
}

fn trusting(issuer: &Issuer) -> Arc<ClientConfig> {
    tls::client_config_with_roots(&[b"h2", b"http/1.1"], [issuer.der().clone()]).expect("a root")
}

const BOTH: [&rustls::SupportedProtocolVersion; 2] = [&rustls::version::TLS13, &rustls::version::TLS12];

/// How the handshake with such a server ends, seen as the error itself and as clients wrap it.
fn failure(client: &Arc<ClientConfig>, server: &Arc<ServerConfig>, host: &str) -> Option<Failure> {
    let error = handshake(Arc::clone(client), Arc::clone(server), host).err()?;
    let failure = tls::failure(&error);
    let wrapped = io::Error::new(ErrorKind::InvalidData, error);
    assert_eq!(io_failure(&wrapped, Phase::Connect), failure);
    let again = io::Error::other(wrapped);
    assert_eq!(io_failure(&again, Phase::Connect), failure);
    let deep = io::Error::other(Deep(again));
    assert_eq!(io_failure(&deep, Phase::Connect), failure);
    Some(failure)
}

/// A library's own error around that of I/O.
#[derive(Debug)]
struct Deep(io::Error);

impl core::fmt::Display for Deep {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("the request failed")
    }
}

impl core::error::Error for Deep {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        Some(&self.0)
    }
}

#[test]
fn a_good_certificate_of_a_trusted_authority_is_accepted() {
    let authority = authority("crawlspace test authority");
    for version in BOTH {
        let server = server(params("a.test"), Some(&authority), &[version], &[b"http/1.1", b"h2"]);
        let client = handshake(trusting(&authority), server, "a.test").expect("a handshake");
        assert!(!client.is_handshaking());
        assert_eq!(client.protocol_version(), Some(version.version));
        assert!(matches!(client.alpn_protocol(), Some(b"h2" | b"http/1.1")));
    }
}

#[test]
fn the_protocols_are_offered_as_given() {
    let authority = authority("crawlspace test authority");
    let server = server(params("a.test"), Some(&authority), &BOTH, &[b"h2", b"http/1.1"]);
    for (offered, chosen) in
        [(&[&b"http/1.1"[..]][..], Some(&b"http/1.1"[..])), (&[], None), (&[b"h2"], Some(b"h2"))]
    {
        let client = tls::client_config_with_roots(offered, [authority.der().clone()]).expect("a root");
        let client = handshake(client, Arc::clone(&server), "a.test").expect("a handshake");
        assert_eq!(client.alpn_protocol(), chosen);
        assert_eq!(client.protocol_version(), Some(ProtocolVersion::TLSv1_3));
    }
}

/// T112, X6: every way in which a certificate can be wrong has its own fact.
#[test]
fn bad_certificates_are_told_apart() {
    let authority = authority("crawlspace test authority");
    let client = trusting(&authority);
    let checked = |params, issuer| failure(&client, &server(params, issuer, &BOTH, &[]), "a.test");

    let mut expired = params("a.test");
    expired.not_after = date_time_ymd(2001, 1, 1);
    assert_eq!(checked(expired, Some(&authority)), Some(Failure::Tls(Tls::Expired)));

    let mut later = params("a.test");
    later.not_before = date_time_ymd(4001, 1, 1);
    assert_eq!(checked(later, Some(&authority)), Some(Failure::Tls(Tls::NotYetValid)));

    for name in ["b.test", "x.a.test", "*.a.test", "192.0.2.1"] {
        assert_eq!(checked(params(name), Some(&authority)), Some(Failure::Tls(Tls::WrongName)), "{name}");
    }

    let stranger = crate::authority("a stranger");
    assert_eq!(checked(params("a.test"), Some(&stranger)), Some(Failure::Tls(Tls::UnknownIssuer)));

    // Self-signed, as a server's certificate and, as many tools make them, as an authority's.
    assert_eq!(checked(params("a.test"), None), Some(Failure::Tls(Tls::UnknownIssuer)));
    let mut own = params("a.test");
    own.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    assert_eq!(checked(own, None), Some(Failure::Tls(Tls::UnknownIssuer)));

    let mut purpose = params("a.test");
    purpose.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
    assert_eq!(checked(purpose, Some(&authority)), Some(Failure::Tls(Tls::BadCertificate)));

    let good = server(params("a.test"), Some(&authority), &BOTH, &[]);
    assert_eq!(failure(&tls::client_config(&[]), &good, "a.test"), Some(Failure::Tls(Tls::UnknownIssuer)));
    assert_eq!(failure(&client, &good, "a.test"), None);
}

#[test]
fn peers_that_cannot_agree_are_a_failed_handshake() {
    let authority = authority("crawlspace test authority");
    let server = server(params("a.test"), Some(&authority), &BOTH, &[b"spdy/3"]);
    assert_eq!(failure(&trusting(&authority), &server, "a.test"), Some(Failure::Tls(Tls::Handshake)));
}

/// T113: plain HTTP where TLS should be.
#[test]
fn plain_http_is_a_failed_handshake() {
    let name = ServerName::try_from("a.test").expect("a name");
    let mut client = ClientConnection::new(tls::client_config(&[]), name).expect("a client");
    let mut wire = Cursor::new(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    client.read_tls(&mut wire).expect("memory");
    let error = client.process_new_packets().expect_err("this is no TLS");
    assert_eq!(tls::failure(&error), Failure::Tls(Tls::Handshake));
}

#[test]
fn what_is_no_certificate_cannot_be_a_root() {
    let nonsense = CertificateDer::from(b"-----BEGIN CERTIFICATE-----".to_vec());
    assert!(tls::client_config_with_roots(&[], [nonsense]).is_err());
}
