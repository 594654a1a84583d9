//! A simulated web for [`crawlspace`]: virtual time, seeded faults, reproducible failures.
//!
//! What a crawl does can be tested without a network, a server or a clock, a million times faster than life, and
//! the same every time:
//!
//! ```
//! use crawlspace::Config;
//! use crawlspace_sim::{Simulation, Web};
//!
//! let web = Web::new()
//!     .page("https://a.example/", |page| page.link("/about").link("/gone"))
//!     .page("https://a.example/about", |page| page.link("/").flaky(1));
//! let config = Config::builder().seed(web.seeds()[0].clone()).build()?;
//! let run = Simulation::new(web).run(config)?;
//! let broken: Vec<_> = run.report().findings().map(|finding| finding.url.to_string()).collect();
//! assert_eq!(broken, ["https://a.example/gone"]);
//! assert_eq!(run.log().count("https://a.example/about"), 2, "what failed once is asked for again");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! * A [`Web`] is made by hand, or [generated](Web::generate) from a [`Shape`], a size and a seed, page by page when
//!   they are asked for: a web of a billion pages takes no memory.
//! * A [`Network`] adds latencies and [`Faults`]: everything that can go wrong between a request and its outcome, each
//!   with a rate.
//! * A [`Simulation`] drives an engine over them, on one thread and in virtual time; the [`Run`] has the report, the
//!   [server's own log](ServerLog), a [trace](Trace) with a hash, and a step limit.
//! * [`check`] runs a test over many [`Case`]s, each of which is made from a seed. One that fails is made smaller,
//!   and printed as one line that brings it back.
//!
//! ```
//! use crawlspace::Config;
//!
//! crawlspace_sim::check(0..20, |case| {
//!     let config = Config::builder().seed(case.web().seeds()[0].clone()).build()?;
//!     let run = case.simulation().run(config)?;
//!     assert_eq!(run.engine().progress().in_flight, 0);
//!     Ok(())
//! });
//! ```

mod answer;
mod case;
mod clock;
mod delivery;
mod draws;
mod fault;
mod log;
mod network;
mod page;
mod run;
mod shape;
mod simulation;
mod stuck;
mod tally;
mod trace;
mod web;

pub use answer::Mode;
pub use case::{Case, Failed, Tested, check, minimise};
pub use draws::Draws;
pub use fault::{Fault, Faults, Grain};
pub use log::{Entry, ServerLog};
pub use network::{Latency, Network};
pub use page::Page;
pub use run::{InFlight, Run};
pub use shape::Shape;
pub use simulation::Simulation;
pub use stuck::Stuck;
pub use tally::{Ending, Tally};
pub use trace::Trace;
pub use web::{Site, Web};
