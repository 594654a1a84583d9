//! Why a URL is in or out: what was decided before anything is asked.

use super::Engine;
use super::frontier::Gate;
use super::output::UrlId;
use super::urls::{Flags, State};
use crate::config::scope::About;
use crate::config::{Because, Decision};
use crate::failure::Failure;
use crate::identity::Identity;
use crate::robots::Rule;
use url::Url;

/// Why a URL is crawled, checked or left alone, as far as that can be said before it is asked for. What came of
/// asking is in the [`Report`](crate::Report).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explanation<'a> {
    /// What the URL is known by, and what is fetched.
    pub identity: Identity,
    /// Whether it was given to begin with: then it is asked for, whatever is decided on links to it.
    pub given: bool,
    /// What is to become of a link to it.
    pub decision: Decision,
    /// What that was decided by.
    pub because: Because<'a>,
    /// What its origin's robots.txt says of it.
    pub robots: RobotsSays<'a>,
    /// How many links away from a seed it is, by the shortest way known; `None` if nothing has led there.
    pub depth: Option<u16>,
}

/// What robots.txt says of a URL (RFC 9309).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RobotsSays<'a> {
    /// It is not asked about such URLs.
    NotAsked,
    /// It has not been read (yet).
    NotRead,
    /// It may be fetched, by this rule if any matches.
    Allowed(Option<&'a Rule>),
    /// It may not be fetched, by this rule.
    Disallowed(Option<&'a Rule>),
    /// It answered with a server error, so nothing may be fetched.
    Closed,
    /// It could not be had.
    Unreachable(&'a Failure),
}

impl Engine {
    /// Why a URL is crawled, checked or left alone; any URL, whether the crawl has come upon it or not.
    #[must_use]
    pub fn explain(&self, url: &Url) -> Explanation<'_> {
        let identity = Identity::of(url);
        let origin = self.frontier.find(identity.origin());
        let id = origin.and_then(|origin| self.urls.find(origin, identity.rest()));
        let source = origin.map(|origin| self.frontier.origin(origin));
        let about = About {
            origin: identity.origin(),
            host: url.host_str().unwrap_or_default(),
            seed: false,
            of_seed: source.is_some_and(|source| source.of_seed),
        };
        let closed = id.is_some_and(|id| {
            let row = &self.urls[id];
            !row.flags.has(Flags::OPEN) && !matches!(row.state, State::Named | State::OutOfScope)
        });
        let (decision, because) = if matches!(url.scheme(), "http" | "https") {
            self.config.scope.explain(identity.as_str(), &about)
        } else {
            (Decision::Ignore, Because::Scheme)
        };
        let (decision, because) = match decision {
            Decision::Crawl if closed => (decision, Because::Nofollow),
            _ => (decision, because),
        };
        let given = id.is_some_and(|id| self.urls[id].flags.has(Flags::SEED));
        let asks_robots = match (decision, id) {
            (Decision::Ignore, _) if !given => false,
            (_, Some(id)) => self.is_gated(id),
            (Decision::Crawl, None) => self.config.robots.crawl,
            (_, None) => self.config.robots.check,
        };
        let robots = if asks_robots { self.robots_of(origin, identity.rest()) } else { RobotsSays::NotAsked };
        Explanation { depth: id.and_then(|id| self.depth_of(id)), identity, given, decision, because, robots }
    }

    fn robots_of(&self, origin: Option<u32>, path: &str) -> RobotsSays<'_> {
        let Some(origin) = origin else { return RobotsSays::NotRead };
        match &self.frontier.origin(origin).gate {
            Gate::Unknown | Gate::Asking(_) => RobotsSays::NotRead,
            Gate::Closed => RobotsSays::Closed,
            Gate::Unreachable(failure) => match self.failures.get(*failure as usize) {
                Some(failure) => RobotsSays::Unreachable(failure),
                None => RobotsSays::Closed,
            },
            Gate::Open(rules) => {
                let decision = rules.decide(path);
                if decision.allowed {
                    RobotsSays::Allowed(decision.rule)
                } else {
                    RobotsSays::Disallowed(decision.rule)
                }
            }
        }
    }

    fn depth_of(&self, id: UrlId) -> Option<u16> {
        let row = &self.urls[id];
        (row.state != State::Named).then_some(row.depth)
    }
}
