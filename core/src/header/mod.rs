//! Header fields that decide something in a crawl, parsed as the web's standards say and as servers write them.
//!
//! Each is a pure function of the field's value. What cannot be read is as if the field were not there.
//!
//! ```
//! use crawlspace::header::{self, MediaType};
//! use http::HeaderMap;
//!
//! let mut headers = HeaderMap::new();
//! headers.insert("content-type", "Text/HTML; charset=latin1".parse()?);
//! headers.insert("x-robots-tag", "otherbot: noindex, nofollow".parse()?);
//!
//! let media_type = MediaType::of(&headers).ok_or("no media type")?;
//! assert_eq!(media_type.essence(), "text/html");
//! assert_eq!(media_type.encoding(), Some(encoding_rs::WINDOWS_1252));
//! assert!(!header::x_robots_tag(&headers, "crawlspace").nofollow);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod date;
mod link;
mod media_type;
mod rate_limit;
mod redirect;
mod retry_after;
mod robots_tag;

pub(crate) use date::days_since_1970;
pub use date::http_date;
pub use link::{LinkValue, links};
pub use media_type::MediaType;
pub use redirect::{is_permanent, is_redirect, location, next_url};
pub use robots_tag::{meta_robots, x_robots_tag};

/// Parameters kept of one value. Nobody means more; looking each up among thousands would take quadratic time.
const MOST_PARAMETERS: usize = 64;

/// What counts as a token (RFC 9110 section 5.6.2).
const fn is_token_octet(octet: u8) -> bool {
    octet.is_ascii_alphanumeric()
        || matches!(
            octet,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'.'
                | b'^'
                | b'_'
                | b'`'
                | b'|'
                | b'~'
        )
}
