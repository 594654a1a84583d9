//! Blocking HTTP/1.1 for [crawlspace](https://docs.rs/crawlspace), on [ureq](https://docs.rs/ureq).
//!
//! A [`Client`] carries out one fetch at a time on the thread that asks; threads share one, and with it its
//! connections. It sends one request and gives one outcome. Redirects, retries and cookies are the engine's business
//! or nobody's, so they do not happen here; nor does a proxy that only the environment names.
//!
//! ```
//! use crawlspace::{Outcome, Request, Spec};
//! use crawlspace_http::{Settings, Timeouts};
//! use crawlspace_ureq::Client;
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! // With `engine.spec()`, and a request that the engine asked for:
//! # fn example(spec: &Spec, request: &Request) {
//! let timeouts = Timeouts { connect: Duration::from_secs(3), ..Timeouts::default() };
//! let settings = Settings::new(Arc::new(spec.clone())).timeouts(timeouts);
//! let client = Client::builder(settings).connections(8).build();
//!
//! match client.fetch(request) {
//!     Outcome::Answered(digest) => println!("{}: {}", request.url, digest.status),
//!     Outcome::Failed(failure) => println!("{}: {failure}", request.url),
//! }
//! # }
//! ```
//!
//! # What is ureq's, and what is not
//!
//! ureq writes requests, parses responses, and takes off HTTP's framing. Its content decoders stay off, since their
//! limit counts bytes before decoding; `crawlspace-http` decodes. Names are looked up by `crawlspace-http`'s resolver,
//! which starts no thread for each request. Connections are kept here, since ureq counts only idle ones. Between ureq and its sockets stands a wire of
//! this crate's own, so that a response is judged here as by every other transport: it bounds heads and counts
//! informational responses before ureq sees them, and tells a reset or an early end from the end of a body.

mod builder;
mod client;
mod connect;
mod failure;
mod head;
mod patience;
mod pool;
mod wire;

pub use builder::Builder;
pub use client::Client;
