//! A folder of files as a site: what a good static server would answer, with no network.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # std::fs::create_dir(folder.path().join("docs"))?;
//! # std::fs::write(folder.path().join("docs/index.html"), "<a href=../>up</a>")?;
//! # let spec = std::sync::Arc::new(doc::spec());
//! use crawlspace_dir::Dir;
//! use url::Url;
//!
//! // `spec` is the engine's: `Arc::new(engine.spec().clone())`.
//! let site = Dir::open(folder.path())?.base_url(&Url::parse("https://example.org/")?)?.build(spec);
//!
//! // Seeds, and file names for people to read.
//! let file = Url::parse("https://example.org/docs/index.html")?;
//! assert_eq!(site.url_of("docs/index.html"), Some(file));
//! let page = Url::parse("https://example.org/docs/")?;
//! assert_eq!(site.file_of(&page), Some("docs/index.html".into()));
//!
//! // A fetch as the engine asks for it: `engine.complete(fetch.ticket, site.fetch(&fetch.request))`.
//! # let request = doc::request(page);
//! let outcome = site.fetch(&request);
//! # assert!(matches!(outcome, crawlspace::Outcome::Answered(digest) if digest.status == 200));
//! # Ok(())
//! # }
//! # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/ask.rs")); }
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
