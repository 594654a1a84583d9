//! What the suites in `tests/` stand on: servers, requests, and the transports behind one face.

pub mod authority;
pub mod crawl;
pub mod encode;
pub mod look;
pub mod request;
pub mod scripted;
pub mod site;
pub mod transport;
pub mod web;

/// The README's code, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
