//! What HTTP transports share: content decoding, header rules, time-outs, TLS settings, a resolver. No client.
//!
//! A transport sends one request, then feeds an [`Exchange`] with what comes back: the head, then the body's bytes
//! as they came over the wire. The exchange undoes the content coding with a cap on the decoded bytes, shows both
//! sides to a [`Tap`], and digests where the bytes are. It does no I/O, so every transport behaves alike:
//!
//! ```
//! use crawlspace::digest::{Appetite, End, Head};
//! use crawlspace::{Method, Outcome};
//! use crawlspace_http::{Exchange, HeaderSets, Times, request_fields};
//! # use crawlspace::codec::Decode as _;
//! # use std::sync::Arc;
//! #
//! # let spec = Arc::new(crawlspace::Spec {
//! #     rules_version: crawlspace::RULES_VERSION,
//! #     id_key: crawlspace::HashKey::from_bytes(&[0; 16]).map_err(|error| error.to_string())?,
//! #     user_agent: "example/1".to_owned(),
//! #     robots_token: "example".to_owned(),
//! #     places: crawlspace::digest::PlaceSet::default(),
//! #     limits: crawlspace::DigestLimits::default(),
//! #     extras: crawlspace::digest::Extras::default(),
//! # });
//! # let request = crawlspace::Request {
//! #     id: crawlspace::FetchId::from_bytes(&[1]).map_err(|error| error.to_string())?,
//! #     url: "http://example.com/logo.png".parse()?,
//! #     kind: crawlspace::Kind::Page,
//! #     method: Method::Get,
//! #     need: crawlspace::Need::Links,
//! #     attempt: 1,
//! #     budget: std::time::Duration::from_secs(20),
//! #     body_cap: 10 << 20,
//! #     headers: crawlspace::HeaderSetId::NONE,
//! #     validators: crawlspace::Validators::default(),
//! #     spec: spec.fingerprint(),
//! # };
//!
//! let mut exchange = Exchange::new(&request, &spec, None);
//! let fields = request_fields(&request, &spec, &HeaderSets::new());
//! assert_eq!((exchange.method(), &fields["user-agent"]), (Method::Get, &"example/1".parse()?));
//!
//! // What the client read from its connection:
//! let headers = [("content-type".parse()?, "image/png".parse()?)].into_iter().collect();
//! let head = Head { status: http::StatusCode::OK, headers };
//! let body = [&b"as it came, "[..], b"in pieces"].into_iter();
//!
//! let mut wanted = exchange.head(head);
//! for chunk in body {
//!     match wanted {
//!         Ok(Appetite::More) => wanted = exchange.chunk(chunk),
//!         Ok(Appetite::Enough) | Err(_) => break,
//!     }
//! }
//! let outcome = match wanted {
//!     Ok(_) => exchange.finish(Times::default()),
//!     Err(failure) => exchange.fail(failure),
//! };
//! // It answers; of an image, nothing more is to be known.
//! assert!(matches!(outcome, Outcome::Answered(digest) if digest.status == 200 && digest.end == End::Enough));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod decode;
mod exchange;
mod failure;
mod fields;
mod header_sets;
mod host;
mod limits;
pub mod resolve;
mod settings;
mod tap;
pub mod tls;

pub use decode::ACCEPT_ENCODING;
pub use exchange::{Exchange, Times};
pub use failure::io_failure;
pub use fields::request_fields;
pub use header_sets::{HeaderError, HeaderSets, parse_field};
pub use host::host;
pub use limits::{HeadLimits, Timeouts};
pub use resolve::{Resolver, ResolverConfig};
pub use settings::Settings;
pub use tap::{Tap, Taps};

/// Types of these crates stand in this one's API; here they are in the versions that fit.
pub use {http, rustls};
