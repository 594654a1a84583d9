//! A folder of files as a site: what a good static server would answer, with no network.
//!
//! ```
//! # let folder = tempfile::tempdir()?;
//! # std::fs::create_dir(folder.path().join("docs"))?;
//! # std::fs::write(folder.path().join("docs/index.html"), "<h1 id=top>Manual</h1>")?;
//! use crawlspace::{Config, Engine, Request, Seed, UnixTime};
//! use crawlspace_dir::Dir;
//! use crawlspace_drive::Crawl;
//! use std::sync::Arc;
//! use url::Url;
//!
//! // Links to the site's own address are to resolve to files.
//! let site = Dir::open(folder.path())?.base_url(&Url::parse("https://example.org/")?)?;
//! let seed = Url::parse("https://example.org/docs/")?;
//!
//! let config = Config::builder().seed(seed.clone()).build()?;
//! let engine = Engine::new(config, Seed(1), UnixTime::from_secs(1_700_000_000));
//! let site = site.build(Arc::new(engine.spec().clone()));
//! let files = site.clone();
//! let engine = Crawl::new(engine).run_pool(2, move |request: &Request| files.fetch(request));
//! assert_eq!(engine.report().findings().count(), 0);
//!
//! // People want to read the names of files.
//! assert_eq!(site.file_of(&seed), Some("docs/index.html".into()));
//! assert_eq!(site.url_of("docs/index.html"), Some(seed.join("index.html")?));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is answered
//!
//! | the path names | status |
//! |---|---|
//! | a regular file | 200, with the type that its extension says |
//! | a folder, without the final slash | 301 to the path with the slash |
//! | a folder, with the slash | 200 with the first index file there is, else 404: nothing is listed |
//! | a file that may not be read | 403 |
//! | a symbolic link that leads out of the folder, or in circles | 403 |
//! | a device, pipe or socket | 404; it is never opened |
//! | nothing | 404 |
//!
//! Paths are percent-decoded once, then taken apart at their slashes; empty parts are skipped, as common servers
//! do. A decoded part that holds a slash, a backslash or a NUL, or is `.` or `..`, names nothing. Names are compared
//! as the file system does it. The query does not matter. The body of a 403 or 404 is empty.
//!
//! A URL of another origin than the base URL's, or outside its path, fails with [`Refusal::Offline`]: the folder
//! cannot say what is there. Only a robots.txt asked for beside the base URL's path is answered, with 404.
//!
//! No path escapes the folder: files are opened relative to a handle on it, by the operating system's own sandboxed
//! resolution where it has one (`openat2` on Linux) and component by component elsewhere, so that a link that is
//! swapped in meanwhile does not help either.
//!
//! [`Refusal::Offline`]: crawlspace::Refusal::Offline

mod builder;
mod dir;
mod folder;
mod layout;
mod media;

pub use builder::{Builder, DEFAULT_BASE, OpenError};
pub use dir::Dir;
