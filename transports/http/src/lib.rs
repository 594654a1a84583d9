//! What HTTP transports share: content decoding, header rules, time-outs, TLS settings, a resolver. No client.
//!
//! A transport sends one request, then feeds an [`Exchange`] with what comes back: the head, then the body's bytes
//! as they came over the wire. The exchange undoes the content coding with a cap on the decoded bytes, shows both
//! sides to a [`Tap`], and digests where the bytes are. It does no I/O, so every transport behaves alike:
//!
//! ```
//! use crawlspace::digest::{Appetite, End, Head};
//! use crawlspace::{Method, Outcome};
//! use crawlspace_http::{Exchange, Times};
//! # use crawlspace::{codec, Request, Spec};
//! # use std::sync::Arc;
//!
//! # fn answer(request: &Request, spec: &Arc<Spec>) {
//! let mut exchange = Exchange::new(request, spec, None);
//! assert_eq!(exchange.method(), Method::Get);
//!
//! // The client has read this from its connection:
//! let mut head = Head { status: http::StatusCode::OK, headers: http::HeaderMap::new() };
//! head.headers.insert("content-type", http::HeaderValue::from_static("text/plain"));
//! let outcome = match exchange.head(head) {
//!     Ok(Appetite::More) => match exchange.chunk(b"some bytes of the body") {
//!         Ok(_) => exchange.finish(Times::default()),
//!         Err(failure) => exchange.fail(failure),
//!     },
//!     Ok(Appetite::Enough) => exchange.finish(Times::default()),
//!     Err(failure) => exchange.fail(failure),
//! };
//! match outcome {
//!     Outcome::Answered(digest) => assert_eq!(digest.end, End::Enough),
//!     Outcome::Failed(failure) => panic!("{failure}"),
//! }
//! # }
//! ```

pub mod decode;
mod exchange;
mod failure;
mod fields;
mod header_sets;
mod limits;
pub mod resolve;
mod tap;
pub mod tls;

pub use decode::ACCEPT_ENCODING;
pub use exchange::{Exchange, Times};
pub use failure::io_failure;
pub use fields::request_fields;
pub use header_sets::{HeaderError, HeaderSets, parse_field};
pub use limits::{HeadLimits, Timeouts};
pub use resolve::{Resolver, ResolverConfig};
pub use tap::{Tap, Taps};
