//! Blocking HTTP/1.1 for crawlspace, on [ureq](https://docs.rs/ureq): one request, one answer.

mod builder;
mod client;
mod connect;
mod failure;
mod head;
mod patience;
mod wire;

pub use builder::Builder;
pub use client::Client;
