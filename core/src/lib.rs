//! A crawl engine that decides and never does I/O.

pub mod codec;
pub mod digest;
mod failure;
mod fetch;
pub mod header;
mod identity;
mod limit;
pub mod robots;
mod seed;
mod spec;
mod time;

pub use failure::{Connect, Dns, Encoding, Failure, Local, Phase, Protocol, Refusal, RetryAfter, Tls};
pub use fetch::{
    Fetch, FetchId, Fingerprint, HeaderSetId, Kind, Method, Need, Outcome, Request, Ticket, Validators,
};
pub use identity::{Identity, RULES_VERSION};
pub use limit::Limit;
pub use seed::{HashKey, Seed};
pub use spec::{DigestLimits, Spec};
pub use time::{Time, UnixTime};
