//! TLS settings for every client, and what a failed handshake means.

use crawlspace::{Failure, Tls};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, ClientConfig, Error, RootCertStore};
use std::sync::Arc;

/// A configuration for TLS 1.2 and 1.3 with Mozilla's root certificates, offering these protocols by ALPN
/// (RFC 7301), best first, such as `[b"h2", b"http/1.1"]`.
#[must_use]
pub fn client_config(alpn: &[&[u8]]) -> Arc<ClientConfig> {
    configured(alpn, webpki_roots())
}

/// As [`client_config`], trusting `extra` root certificates (in DER) too: a company's own authority, or a test's.
///
/// # Errors
///
/// Those of [`RootCertStore::add`], for the first certificate that cannot be a root.
pub fn client_config_with_roots<'a>(
    alpn: &[&[u8]],
    extra: impl IntoIterator<Item = CertificateDer<'a>>,
) -> Result<Arc<ClientConfig>, Error> {
    let mut roots = webpki_roots();
    for certificate in extra {
        roots.add(certificate)?;
    }
    Ok(configured(alpn, roots))
}

fn webpki_roots() -> RootCertStore {
    webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect()
}

fn configured(alpn: &[&[u8]], roots: RootCertStore) -> Arc<ClientConfig> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring's suites serve both TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
    Arc::new(config)
}

/// The name that a server's certificate must be for: a host as it stands in a URL, IPv6 with or without brackets.
///
/// # Errors
///
/// [`Tls::WrongName`] for a name that no certificate can be for.
pub fn server_name(host: &str) -> Result<ServerName<'static>, Failure> {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    ServerName::try_from(bare).map(|name| name.to_owned()).map_err(|_| Failure::Tls(Tls::WrongName))
}

/// What an error during the handshake means.
#[must_use]
pub fn failure(error: &Error) -> Failure {
    Failure::Tls(match error {
        Error::InvalidCertificate(error) => certificate(error),
        Error::NoCertificatesPresented | Error::UnsupportedNameType => Tls::BadCertificate,
        Error::InvalidCertRevocationList(_) => Tls::BadCertificate,
        _ => Tls::Handshake,
    })
}

fn certificate(error: &CertificateError) -> Tls {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => Tls::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Tls::NotYetValid,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => Tls::WrongName,
        CertificateError::UnknownIssuer => Tls::UnknownIssuer,
        // What many tools make when asked for a self-signed certificate. The verifier stops at the odd form, but what
        // there is to say is that nobody vouches for it. Its error has no kind of its own here; a test holds the text.
        CertificateError::Other(other) if other.0.to_string() == "CaUsedAsEndEntity" => Tls::UnknownIssuer,
        CertificateError::Revoked => Tls::Revoked,
        _ => Tls::BadCertificate,
    }
}
