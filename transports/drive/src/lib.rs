//! Drives a [`crawlspace`] engine: a clock, a loop on plain threads, a loop on any async runtime. Knows no HTTP.
//!
//! The engine decides what is fetched and when; a loop has it decided, carries it out and brings the answers back.
//! What carries out one fetch is the embedder's, or a transport crate's.
//!
//! On threads, with something that blocks:
//!
//! ```
//! use core::ops::ControlFlow;
//! use crawlspace::digest::Digest;
//! use crawlspace::{Config, Engine, Event, Outcome, Request, Seed, UnixTime};
//! use crawlspace_drive::Crawl;
//!
//! let config = Config::builder().seed("http://example.com/".parse()?).build()?;
//! let engine = Engine::new(config, Seed(1), UnixTime::from_secs(1_700_000_000));
//!
//! let fetch = |_request: &Request| Outcome::Answered(Box::new(Digest { status: 200, ..Digest::default() }));
//! let crawl = Crawl::new(engine).on_event(|engine, event| {
//!     if let Event::Answered { url, status: Some(status), .. } = event {
//!         println!("{status} {}", engine.url(*url));
//!     }
//!     ControlFlow::Continue(())
//! });
//! let engine = crawl.run_pool(8, fetch);
//! assert_eq!(engine.report().findings().count(), 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! On a runtime, with anything that is a future; the timer is the runtime's, and a [`Handle`] talks to the crawl from
//! elsewhere (here, from the transport itself):
//!
//! ```
//! use crawlspace::{Config, Engine, Failure, Outcome, Request, Seed, Stop, UnixTime};
//! use crawlspace_drive::Crawl;
//!
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
//! # runtime.block_on(async {
//! let config = Config::builder().seed("http://example.com/".parse()?).build()?;
//! let engine = Engine::new(config, Seed(1), UnixTime::from_secs(1_700_000_000));
//!
//! let crawl = Crawl::new(engine);
//! let handle = crawl.handle();
//! let fetch = |_request: Request| async {
//!     // After the first answer, whatever it is, it is enough.
//!     let _ = handle.stop(Stop::Drain);
//!     Outcome::Failed(Failure::Closed)
//! };
//! let engine = crawl.run_async(fetch, tokio::time::sleep, 100).await;
//! assert!(handle.stop(Stop::Drain).is_err(), "it has ended");
//! # let _ = engine;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod clock;
mod crawl;
mod handle;
pub mod journal;
mod observer;
mod pool;
mod tasks;
mod workers;

pub use clock::Clock;
pub use crawl::Crawl;
pub use handle::{Ended, Handle};
pub use observer::{Observer, OnEvent, Unobserved};
pub use pool::Fetcher;
pub use tasks::{Timer, Transport};
