//! A crawl engine that decides and never does I/O.

pub mod codec;
pub mod config;
pub mod digest;
mod engine;
mod failure;
mod fetch;
pub mod header;
mod identity;
mod limit;
pub mod report;
pub mod robots;
mod seed;
mod spec;
mod store;
mod time;

pub use config::{
    Config, ConfigError, Decision, HostPolicy, Order, Pattern, Reach, Retry, RobotsPolicy, Scope, StatusSet,
    registrable_domain,
};
pub use engine::{Engine, Event, LimitKind, Output, Progress, ResumeError, Snapshot, Stop, UrlId, Wake, Why};
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
