//! A crawl as a pure state machine.
//!
//! [`Engine`] holds the frontier, the visited set, redirects, retries, politeness, robots rules and the report of a
//! crawl, and does no I/O of any kind: it emits fetches, and is told the answers and the time. Whoever embeds it owns
//! the network, the clock, the threads and the entropy. The same configuration, seed and answers give the same
//! report, byte for byte, in whatever order the answers come.
//!
//! Three roles, of which this crate has two:
//!
//! * the **engine** decides what is fetched next, and when;
//! * a **transport** carries out one [`Fetch`] (`crawlspace-hyper`, `crawlspace-ureq`, `crawlspace-dir`; any other is
//!   a few lines);
//! * the **digest** ([`digest::Digester`]) turns a response, chunk by chunk and where its bytes are, into the few
//!   facts the engine needs.
//!
//! # The whole loop
//!
//! ```
//! use crawlspace::digest::{Digester, End, Head, Transfer};
//! use crawlspace::{Config, Engine, Outcome, Output, Request, Seed, Time, UnixTime};
//! use std::sync::Arc;
//!
//! // A transport: here, two pages in memory.
//! fn fetch(request: &Request, spec: &Arc<crawlspace::Spec>) -> Outcome {
//!     let (status, body) = match request.url.path() {
//!         "/" => (200, "<a href=/about#team>About us</a> <a href=/old>Old news</a>"),
//!         "/about" => (200, "<h1 id=people>About us</h1>"),
//!         _ => (404, ""),
//!     };
//!     let mut head = Head { status: status.try_into().expect("a status"), headers: Default::default() };
//!     head.headers.insert("content-type", "text/html".try_into().expect("a value"));
//!     let mut digester = Digester::new(request, spec, &head);
//!     let _ = digester.push(body.as_bytes());
//!     Outcome::Answered(Box::new(digester.finish(End::Complete, Transfer::default())))
//! }
//!
//! let config = Config::builder().seed("https://example.com/".parse()?).build()?;
//! let mut engine = Engine::new(config, Seed(42), UnixTime::from_secs(1_800_000_000));
//! let spec = Arc::new(engine.spec().clone());
//! let now = Time::ZERO; // A driver's clock goes on from `engine.now()`.
//! loop {
//!     match engine.poll(now) {
//!         Output::Fetch(todo) => {
//!             let outcome = fetch(&todo.request, &spec);
//!             engine.complete(todo.ticket, outcome);
//!         }
//!         Output::Event(_) | Output::Cancel(_) => {}
//!         Output::Wait(wake) => unreachable!("every fetch is answered at once, yet it waits: {wake:?}"),
//!         Output::Finished => break,
//!     }
//! }
//!
//! let findings: Vec<_> = engine.report().findings().map(|found| (found.url.to_string(), found.message)).collect();
//! assert_eq!(
//!     findings,
//!     [
//!         ("https://example.com/about".into(), "the page has no element with the id \"team\"".into()),
//!         ("https://example.com/old".into(), "404 Not Found".into()),
//!     ]
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The crate `crawlspace-drive` has this loop ready, for a pool of threads and for any async runtime.
//!
//! # What holds
//!
//! * `core` knows no transport, no runtime, no clock and no source of randomness. A lint forbids them.
//! * [`Engine::poll`] is the only place where anything is decided, and the only one that takes time. Each pass of
//!   its loop takes something out of a finite queue.
//! * State is plain data: [`Engine::snapshot`] works at any moment, and [`Engine::resume`] loses nothing but the
//!   answers in flight, which are asked for again.
//! * Every URL has exactly one end, with the reason. Each poll checks that none got lost.
//! * No hash order is ever seen.
//!
//! # Features
//!
//! * `serde`: `Serialize` for the report's rows and totals, and both ways for what crosses queues.

pub mod codec;
pub mod config;
pub mod digest;
mod engine;
mod failure;
mod fetch;
pub mod header;
mod identity;
mod limit;
mod reference;
pub mod report;
pub mod robots;
mod seed;
pub mod sitemap;
mod spec;
mod store;
mod time;

pub use config::{
    Because, Config, ConfigError, Decision, HostPolicy, Order, Pattern, Reach, Retry, RobotsPolicy, Scope,
    StatusSet, registrable_domain,
};
pub use engine::{
    Engine, Event, Explanation, LimitKind, Output, Progress, ResumeError, RobotsSays, Snapshot, Stop, UrlId,
    Wake, Why,
};
pub use failure::{Connect, Dns, Encoding, Failure, Local, Phase, Protocol, Refusal, RetryAfter, Tls};
pub use fetch::{
    Fetch, FetchId, Fingerprint, HeaderSetId, Kind, Method, Need, Outcome, Request, Ticket, Validators,
};
pub use identity::{Identity, RULES_VERSION};
pub use limit::Limit;
pub use report::Report;
pub use seed::{HashKey, Seed};
pub use spec::{DigestLimits, Spec};
pub use time::{Time, UnixTime};

/// Types of these crates stand in this one's API; here they are in the versions that fit.
pub use {http, url};
