//! Asking the system.

use crate::io_failure;
use crawlspace::{Dns, Failure, Local, Phase};
use dns_lookup::{AddrInfoHints, LookupError, LookupErrorKind, SockType};
use std::io;
use std::net::IpAddr;

/// Looks one name up. Called on the resolver's threads, and may take its time.
pub trait Lookup: Send + Sync {
    /// The addresses of `host`, a name in lower case, best first.
    ///
    /// # Errors
    ///
    /// [`Failure::Dns`], where [`Dns::NoSuchName`] means that the name is known not to exist or to have no address,
    /// and anything else [`Dns::Temporary`]; or [`Failure::Local`].
    fn lookup(&self, host: &str) -> Result<Vec<IpAddr>, Failure>;
}

impl<F: Fn(&str) -> Result<Vec<IpAddr>, Failure> + Send + Sync> Lookup for F {
    fn lookup(&self, host: &str) -> Result<Vec<IpAddr>, Failure> {
        self(host)
    }
}

/// The system's resolver: `getaddrinfo` (POSIX.1-2017).
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemLookup;

impl Lookup for SystemLookup {
    fn lookup(&self, host: &str) -> Result<Vec<IpAddr>, Failure> {
        // One socket type, or each address would come once for every type.
        let hints = AddrInfoHints { socktype: SockType::Stream.into(), ..AddrInfoHints::default() };
        let found = dns_lookup::getaddrinfo(Some(host), None, Some(hints)).map_err(failure)?;
        let mut addresses = Vec::new();
        for address in found.filter_map(Result::ok).map(|info| info.sockaddr.ip()) {
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        Ok(addresses)
    }
}

/// `std` keeps the resolver's own code from us, and with it the difference between "there is no such name" and "try
/// again".
fn failure(error: LookupError) -> Failure {
    match error.kind() {
        LookupErrorKind::NoName | LookupErrorKind::NoData => Failure::Dns(Dns::NoSuchName),
        LookupErrorKind::Memory => Failure::Local(Local::Resources),
        LookupErrorKind::System => io_failure(&io::Error::from(error), Phase::Resolve),
        _ => Failure::Dns(Dns::Temporary),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::failure;
    use crawlspace::{Dns, Failure, Local};
    use dns_lookup::LookupError;

    /// X1. Only a name server could be made to give these answers, so the codes are handed in.
    #[test]
    fn the_resolvers_codes_are_told_apart() {
        for (code, fact) in [
            (libc::EAI_NONAME, Failure::Dns(Dns::NoSuchName)),
            (libc::EAI_NODATA, Failure::Dns(Dns::NoSuchName)),
            (libc::EAI_AGAIN, Failure::Dns(Dns::Temporary)),
            (libc::EAI_FAIL, Failure::Dns(Dns::Temporary)),
            (libc::EAI_SERVICE, Failure::Dns(Dns::Temporary)),
            (libc::EAI_MEMORY, Failure::Local(Local::Resources)),
        ] {
            assert_eq!(failure(LookupError::new(code)), fact, "{code}");
        }
    }
}
