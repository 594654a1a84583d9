//! WARC: records what a crawl asks and is told, over any transport, and replays archives with no network.
//!
//! ```
//! # let folder = tempfile::tempdir()?;
//! # std::fs::write(folder.path().join("index.html"), "<a href=/gone>gone</a>")?;
//! # let file = folder.path().join("crawl.warc.gz");
//! use crawlspace::{Config, Engine, Request, Seed, UnixTime};
//! use crawlspace_dir::Dir;
//! use crawlspace_drive::Crawl;
//! use crawlspace_warc::{Archive, Recorder};
//! use std::sync::Arc;
//!
//! let config = Config::builder().seed("http://site.invalid/".parse()?).build()?;
//! let engine = || Engine::new(config.clone(), Seed(1), UnixTime::from_secs(1_800_000_000));
//!
//! // Any transport that takes taps can be recorded; here it is a folder.
//! let live = engine();
//! let spec = Arc::new(live.spec().clone());
//! let recorder = Recorder::builder(&file, Arc::clone(&spec)).create()?;
//! let site = Dir::open(folder.path())?.taps(Arc::new(recorder.clone())).build(Arc::clone(&spec));
//! let live = Crawl::new(live).run_pool(4, move |request: &Request| site.fetch(request));
//! assert_eq!(recorder.finish()?.exchanges, 3); // robots.txt, the page, and what it links to
//!
//! // The same crawl once more, from the archive alone.
//! let archive = Archive::open([&file])?;
//! let replay = archive.replay(spec);
//! let replayed = Crawl::new(engine()).run_pool(4, move |request: &Request| replay.fetch(request));
//! assert!(replayed.report().findings().eq(live.report().findings()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is recorded
//!
//! WARC 1.1, one gzip member a record. Each exchange is a `request`, a `response` and a `metadata` record, which stay
//! together; one that brought no response is a `metadata` record alone, with the failure. Bodies are as they came over
//! the wire, content coding and all; HTTP's own framing is taken off, so a response's `Transfer-Encoding` is recorded
//! as `X-Archive-Orig-Transfer-Encoding`. Recording asks with GET, and for whole bodies, up to
//! [`Request::body_cap`](crawlspace::Request::body_cap); the digests are the same, so the crawl is. Bodies above 128
//! KiB wait in a temporary file in the archive's folder until their length is known.
//!
//! A recorder never overwrites a file. What it could not write whole it cuts off again; what a crash leaves, the
//! reader finds.
//!
//! # What is replayed
//!
//! [`Replay`] gives the report of the crawl that was recorded, byte for byte. Under another scope, depth or other
//! rules it answers what it can, and what it cannot with
//! [`Failure::NotInArchive`](crawlspace::Failure::NotInArchive). Archives by other tools are read too: WARC 1.0,
//! uncompressed, `resource` and `revisit` records, bodies still in chunks, heads that name codings which were taken off.
//! A file compressed as a whole, a WACZ, or one compressed with Zstandard must be unpacked first.
//!
//! Bytes of strangers are read with bounded memory, and none of them can make the reader panic.

mod archive;
mod digest;
mod error;
mod note;
mod record;

pub use archive::{Archive, Replay};
pub use error::{Error, Problem};
pub use record::{Builder, Recorder, Written};

/// The field of a `warcinfo` record that names a URL which the crawl began with.
const SEED_FIELD: &str = "crawlspace-seed";
