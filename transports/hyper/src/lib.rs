//! Async HTTP/1.1 and HTTP/2 for crawlspace, on hyper and tokio.
//!
//! A [`Client`] carries out one [`Request`](crawlspace::Request) at a time with exactly one request on the wire: it
//! follows no redirect, and never sends anything again. The response is decoded and digested as it arrives, in the
//! task that asked for it; no body is held whole.
//!
//! ```
//! use crawlspace::{Outcome, Request, Spec};
//! use crawlspace_hyper::Client;
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! # fn show(spec: Arc<Spec>, requests: Vec<Request>) {
//! let client = Client::builder(spec)
//!     .connections(256)
//!     .connections_per_origin(16)
//!     .idle(Duration::from_secs(15))
//!     .build();
//!
//! // The spec and the requests come from the engine; many may be under way at once.
//! let crawl = async {
//!     for request in requests {
//!         match client.fetch(request).await {
//!             Outcome::Answered(digest) => assert!(digest.status >= 200),
//!             Outcome::Failed(failure) => eprintln!("{failure}"),
//!         }
//!     }
//! };
//! # drop(crawl);
//! # }
//! ```
//!
//! # Connections
//!
//! No more than [`connections`](Builder::connections) are open at a time, and no more than
//! [`connections_per_origin`](Builder::connections_per_origin) to one origin; who comes when all are in use waits,
//! first come, first served, on its own [budget](crawlspace::Request::budget). Of the idle ones the one last used
//! is used next. Those in the way of another origin are closed, and so are, with the next fetch of any origin, those
//! idle for too long.
//!
//! Over TLS, HTTP/2 is spoken where the server takes it up (ALPN, RFC 7301): all fetches of an origin then share one
//! connection. Until the first connection to an origin has shown which it is, no second one is opened.
//!
//! # Cost
//!
//! A connection of HTTP/1.1 has no task of its own: the fetch drives it, and while it is idle nothing runs for it.
//! `examples/cost.rs` measures the processor time of a request.

mod builder;
mod client;
mod clock;
mod dial;
mod failures;
mod http1;
mod http2;
mod message;
mod origin;
mod pool;
mod socket;

pub use builder::Builder;
pub use client::Client;
