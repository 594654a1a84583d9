//! Hosts, between what the URL standard lets stand in a URL and what a request can hold.

use crawlspace::{Failure, Refusal};
use url::Url;

/// The host of an `http` or `https` URL: a name or an IP literal, IPv6 in its brackets.
///
/// ```
/// use crawlspace::{Dns, Failure, Refusal};
/// use crawlspace_http::host;
///
/// let of = |text: &str| host(&text.parse().expect("a URL")).map(str::to_owned);
/// assert_eq!(of("https://user@example.com:8443/a").as_deref(), Ok("example.com"));
/// assert_eq!(of("http://[::1]/").as_deref(), Ok("[::1]"));
/// assert_eq!(of("ftp://example.com/"), Err(Failure::Refused(Refusal::Scheme)));
/// assert_eq!(of("http://a{b}.test/"), Err(Failure::Dns(Dns::NoSuchName)));
/// ```
///
/// # Errors
///
/// [`Refusal::Scheme`] for any other scheme; [`Dns::NoSuchName`](crawlspace::Dns::NoSuchName) for a name that no
/// request can hold: a URL may have characters in it that a host must not have (RFC 3986 section 3.2.2).
pub fn host(url: &Url) -> Result<&str, Failure> {
    let scheme = Failure::Refused(Refusal::Scheme);
    if !matches!(url.scheme(), "http" | "https") {
        return Err(scheme);
    }
    let host = url.host_str().ok_or(scheme)?;
    let is_name =
        || host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&byte));
    if host.starts_with('[') || is_name() { Ok(host) } else { Err(Failure::Dns(crawlspace::Dns::NoSuchName)) }
}
