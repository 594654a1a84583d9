//! What became of each URL, by the answers that the crawl was given.

use crawlspace::digest::{Digest, Location, Media};
use crawlspace::report::Class;
use crawlspace::{Connect, Failure, Kind, Method, Need, Outcome, Phase, Refusal};
use crawlspace_sim::Entry;
use std::collections::BTreeMap;
use std::time::Duration;
use url::Url;

/// An answer to a URL; the last one is the one that counts.
#[derive(Clone, Debug)]
pub struct Fate<'l> {
    /// `None` if the fetch lapsed.
    pub outcome: Option<&'l Outcome>,
    /// What for.
    pub kind: Kind,
    /// Which attempt.
    pub attempt: u32,
    /// How it was asked.
    pub method: Method,
    /// How much was asked.
    pub need: Need,
}

impl<'l> Fate<'l> {
    /// The digest, if there was an answer.
    #[must_use]
    pub fn digest(&self) -> Option<&'l Digest> {
        match self.outcome? {
            Outcome::Answered(digest) => Some(digest),
            Outcome::Failed(_) => None,
        }
    }

    /// Whether it works by itself.
    #[must_use]
    pub fn works(&self) -> bool {
        self.digest().is_some_and(|digest| (200..=299).contains(&digest.status))
    }

    /// Whether it is an answer to HEAD that says nothing of what GET brings.
    fn is_no_head(&self) -> bool {
        let says_nothing = match self.outcome {
            None => false,
            Some(Outcome::Answered(_)) => !self.works() && self.redirect().is_none(),
            Some(Outcome::Failed(failure)) => matches!(
                failure,
                Failure::Closed
                    | Failure::Truncated
                    | Failure::Protocol(_)
                    | Failure::Encoding(_)
                    | Failure::Timeout(Phase::Head | Phase::Body | Phase::Total)
            ),
        };
        self.method == Method::Head && says_nothing
    }

    fn is_get_of(&self, attempt: u32) -> bool {
        self.method == Method::Get && self.attempt == attempt
    }

    /// Where it redirects, and the fragment that comes with it.
    #[must_use]
    pub fn redirect(&self) -> Option<(&'l str, Option<&'l str>)> {
        match &self.digest()?.location {
            Some(Location::To { url, fragment }) if !self.works() => Some((url, fragment.as_deref())),
            _ => None,
        }
    }

    /// The document, if its links or ids were read.
    #[must_use]
    pub fn document(&self) -> Option<&'l Digest> {
        let digest = self.digest()?;
        let read = self.works() && self.method == Method::Get && self.need > Need::Status;
        (read && digest.media == Media::Html).then_some(digest)
    }

    /// What names other URLs: a document or a style sheet.
    #[must_use]
    pub fn linking(&self) -> Option<&'l Digest> {
        let digest = self.digest()?;
        let read = self.works() && self.method == Method::Get && self.need == Need::Links;
        (read && matches!(digest.media, Media::Html | Media::Css)).then_some(digest)
    }

    /// The entries of a sitemap, if it was read as one.
    #[must_use]
    pub fn sitemap(&self) -> Option<&'l Digest> {
        let digest = self.digest()?;
        (self.works() && self.kind == Kind::Sitemap && digest.media == Media::Sitemap).then_some(digest)
    }

    /// The class of this answer alone.
    #[must_use]
    pub fn class(&self) -> Class {
        let Some(outcome) = self.outcome else { return Class::Timeout };
        match outcome {
            Outcome::Failed(failure) => class_of_failure(failure),
            Outcome::Answered(digest) => match digest.status {
                200..=299 if digest.end == crawlspace::digest::End::TooLarge => Class::TooLarge,
                200..=299 => Class::Ok,
                _ if matches!(digest.location, Some(Location::Invalid(_))) => Class::InvalidUrl,
                401 | 403 | 407 | 451 | 999 => Class::Blocked,
                408 => Class::Timeout,
                429 => Class::RateLimited,
                400..=499 => Class::Broken,
                500..=599 => Class::ServerError,
                _ => Class::Protocol,
            },
        }
    }
}

/// What a failure is called.
#[must_use]
pub fn class_of_failure(failure: &Failure) -> Class {
    match failure {
        Failure::Dns(_) => Class::Dns,
        Failure::Tls(_) => Class::Tls,
        Failure::Timeout(_) | Failure::Lapsed => Class::Timeout,
        Failure::Connect(Connect::Refused | Connect::Unreachable | Connect::Reset)
        | Failure::Closed
        | Failure::Local(_) => Class::Unreachable,
        Failure::Refused(Refusal::Offline | Refusal::Scheme) => Class::Skipped,
        Failure::Refused(_) => Class::Refused,
        _ => Class::Protocol,
    }
}

/// The answers to each URL that ended a fetch, by identity, the last one last; robots.txt files apart.
#[must_use]
pub fn fates(log: &[Entry]) -> BTreeMap<&str, Vec<Fate<'_>>> {
    let mut fates: BTreeMap<&str, Vec<Fate<'_>>> = BTreeMap::new();
    for entry in log.iter().filter(|entry| entry.request.kind != Kind::Robots && entry.ended.is_some()) {
        let request = &entry.request;
        let fate = Fate {
            attempt: request.attempt,
            outcome: entry.outcome.as_ref(),
            kind: request.kind,
            method: request.method,
            need: request.need,
        };
        let fates = fates.entry(request.url.as_str()).or_default();
        // Where GET has failed, a HEAD that brings nothing better changes nothing.
        let in_vain = fate.is_no_head() && fates.last().is_some_and(|last| last.is_get_of(request.attempt));
        if !in_vain {
            fates.push(fate);
        }
    }
    fates
}

/// What an origin's robots.txt lets through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leave<'l> {
    /// Everything but what these rules say.
    Rules(Option<&'l crawlspace::robots::RobotsFile>),
    /// Nothing: the server is in trouble.
    Closed,
    /// Nothing: the server cannot be reached.
    Unreachable(Option<&'l Failure>),
}

impl Leave<'_> {
    /// Whether a path may be fetched. The simulated webs know no wildcards.
    #[must_use]
    pub fn allows(&self, path: &str) -> bool {
        let Self::Rules(rules) = self else { return false };
        let matching =
            rules.iter().flat_map(|file| &file.rules).filter(|rule| path.starts_with(rule.pattern.as_str()));
        matching.max_by_key(|rule| (rule.pattern.len(), rule.allow)).is_none_or(|rule| rule.allow)
    }
}

/// What each origin's robots.txt came to, by the last time that it was asked for.
#[must_use]
pub fn leaves(log: &[Entry]) -> BTreeMap<String, Leave<'_>> {
    let leaves = all_leaves(log).into_iter();
    leaves.filter_map(|(origin, mut leaves)| Some((origin, leaves.pop()?))).collect()
}

/// Whether a robots.txt that was asked for again, as is due after a day, said something else: what was asked for before
/// and after was asked for by different rules.
#[must_use]
pub fn rules_changed(log: &[Entry]) -> bool {
    all_leaves(log).values().any(|leaves| leaves.iter().any(|leave| *leave != leaves[0]))
}

/// What was in force for each origin, one time after the other. Rules count on where they cannot be had again (RFC 9309
/// sections 2.3.1.4 and 2.4).
fn all_leaves(log: &[Entry]) -> BTreeMap<String, Vec<Leave<'_>>> {
    let mut leaves: BTreeMap<String, Vec<Leave<'_>>> = BTreeMap::new();
    for entry in log.iter().filter(|entry| entry.request.kind == Kind::Robots && entry.ended.is_some()) {
        let url = &entry.request.url;
        let leaves = leaves.entry(origin(url)).or_default();
        let begins = entry.request.attempt == 1 && &url[url::Position::BeforePath..] == "/robots.txt";
        if !begins {
            // One more attempt, or a redirect: of the answers for one purpose the last one counts.
            leaves.pop();
        }
        let leave = leave(entry.outcome.as_ref());
        let before = leaves.last().filter(|before| matches!(before, Leave::Rules(_)));
        let counts_on = before.filter(|_| !matches!(leave, Leave::Rules(_))).cloned();
        leaves.push(counts_on.unwrap_or(leave));
    }
    leaves
}

fn leave(outcome: Option<&Outcome>) -> Leave<'_> {
    match outcome {
        None => Leave::Unreachable(None),
        Some(Outcome::Failed(failure)) => Leave::Unreachable(Some(failure)),
        Some(Outcome::Answered(digest)) => match digest.status {
            200..=299 => Leave::Rules(digest.robots.as_ref()),
            300..=399 => Leave::Rules(None),
            429 => Leave::Closed,
            400..=499 => Leave::Rules(None),
            _ => Leave::Closed,
        },
    }
}

/// How long a robots.txt is good for.
pub const DAY: Duration = Duration::from_hours(24);

/// Scheme, host and port.
#[must_use]
pub fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}
