//! A certificate authority for tests, and a TLS server with its certificates.

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, ServerConfig, ServerConnection, StreamOwned, crypto::ring};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

/// An authority that only tests trust.
#[derive(Debug)]
pub struct Authority {
    certificate: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

/// What is wrong with a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Nothing: it is for `localhost` and for 127.0.0.1.
    None,
    /// It was good until 2001.
    Expired,
    /// It will be good from 3000.
    NotYetValid,
    /// It is for `elsewhere.test`.
    WrongName,
    /// It is signed with its own key.
    SelfSigned,
}

impl Authority {
    /// A new authority.
    ///
    /// # Errors
    ///
    /// Those of the library that makes certificates.
    pub fn new() -> Result<Self, rcgen::Error> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name.push(DnType::CommonName, "an authority for tests");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate()?;
        let certificate = params.self_signed(&key)?.der().clone();
        Ok(Self { certificate, issuer: Issuer::new(params, key) })
    }

    /// Settings for a client that trusts this authority and speaks these protocols.
    ///
    /// # Errors
    ///
    /// Those of [`crawlspace_http::tls::client_config_with_roots`].
    pub fn client(&self, alpn: &[&[u8]]) -> Result<Arc<ClientConfig>, rustls::Error> {
        crawlspace_http::tls::client_config_with_roots(alpn, [self.certificate.clone()])
    }

    /// Settings for a server with a certificate of this authority that has this flaw.
    ///
    /// # Errors
    ///
    /// Those of the libraries that make certificates and speak TLS.
    pub fn server(&self, flaw: Flaw) -> Result<Arc<ServerConfig>, Box<dyn std::error::Error>> {
        let names: &[&str] =
            if flaw == Flaw::WrongName { &["elsewhere.test"] } else { &["localhost", "127.0.0.1"] };
        let mut params =
            CertificateParams::new(names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>())?;
        match flaw {
            Flaw::Expired => {
                (params.not_before, params.not_after) = (date_time_ymd(2000, 1, 1), date_time_ymd(2001, 1, 1))
            }
            Flaw::NotYetValid => params.not_before = date_time_ymd(3000, 1, 1),
            Flaw::None | Flaw::WrongName | Flaw::SelfSigned => {}
        }
        let key = KeyPair::generate()?;
        let certificate = match flaw {
            Flaw::SelfSigned => params.self_signed(&key)?,
            _ => params.signed_by(&key, &self.issuer)?,
        };
        let key = PrivateKeyDer::try_from(key.serialize_der())?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)?;
        Ok(Arc::new(config))
    }
}

/// How a [`TlsServer`] ends a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goodbye {
    /// With an alert, so that the peer knows that nothing is missing.
    Said,
    /// Without.
    Unsaid,
}

/// A server that answers the first request of each TLS connection with exact bytes, and then closes it. Dropping it
/// waits for its thread.
#[derive(Debug)]
pub struct TlsServer {
    address: SocketAddr,
    thread: Option<JoinHandle<()>>,
}

impl TlsServer {
    /// Starts one on 127.0.0.1, which serves one connection after another, as many as this.
    ///
    /// # Panics
    ///
    /// If 127.0.0.1 has no port left.
    #[must_use]
    pub fn start(
        config: Arc<ServerConfig>,
        answer: &'static str,
        goodbye: Goodbye,
        connections: usize,
    ) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port on 127.0.0.1");
        let address = listener.local_addr().expect("the address of a bound socket");
        let thread = Some(thread::spawn(move || {
            for stream in listener.incoming().take(connections).flatten() {
                serve(stream, &config, answer, goodbye);
            }
        }));
        Self { address, thread }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(stream: TcpStream, config: &Arc<ServerConfig>, answer: &str, goodbye: Goodbye) {
    let Ok(connection) = ServerConnection::new(Arc::clone(config)) else { return };
    let mut tls = StreamOwned::new(connection, stream);
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match tls.read(&mut byte) {
            Ok(1..) => head.push(byte[0]),
            Ok(0) | Err(_) => return,
        }
    }
    let _ = tls.write_all(answer.as_bytes());
    if goodbye == Goodbye::Said {
        tls.conn.send_close_notify();
    }
    let _ = tls.flush();
    let _ = tls.sock.shutdown(Shutdown::Write);
    // Until the peer closes too, so that nothing unread turns the end into a reset.
    let _ = tls.sock.read_to_end(&mut Vec::new());
}
