//! The `crawlspace` command as a library: its configuration, its report formats and its exit codes, so that each can
//! be tested by itself.
//!
//! ```
//! use crawlspace_cli::config::{Layer, Plan};
//!
//! let file = Layer::parse("crawlspace.toml", "timeout = 20\nmax-pages = 500")?;
//! assert_eq!(file.options.max_pages, Some(500));
//!
//! let error = Layer::parse("crawlspace.toml", "timout = 20").unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "crawlspace.toml:1: there is no option \"timout\"\n  did you mean \"timeout\"?"
//! );
//! # let _ = Plan::new(file);
//! # Ok::<(), crawlspace_cli::error::Error>(())
//! ```

pub mod args;
pub mod config;
pub mod error;
pub mod exit;
pub mod file;
pub mod format;
pub mod progress;

mod archive;
mod carry;
mod check;
mod descriptors;
mod explain;
mod interrupt;
mod links;
mod normalize;
mod remarks;
mod robots;
mod run;
mod sitemap;
mod stdio;
mod trace;

pub use run::main;
