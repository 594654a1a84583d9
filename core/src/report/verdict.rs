//! From what is stored of a URL to a verdict, redirects walked.

use super::class::{Class, Severity};
use super::skip::Skip;
use crate::engine::page::Ids;
use crate::engine::{Answer, Engine, UrlId};
use crate::store::TextId;
use http::StatusCode;

/// The redirects from a URL, walked on the finished graph.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    /// The URLs that redirect, in order.
    pub(super) hops: Vec<UrlId>,
    /// Where it ends.
    pub(super) end: UrlId,
    pub(super) how: Ending,
    /// A fragment that a redirect gives; the last one counts.
    pub(super) fragment: Option<TextId>,
    /// The fragment targets of the document at the end, if it works and has any to judge by.
    pub(super) ids: Option<Ids<'a>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Rest,
    Loop,
    TooMany,
}

impl<'a> Walk<'a> {
    pub(super) fn from(engine: &'a Engine, start: UrlId) -> Self {
        let mut walk = Self { hops: Vec::new(), end: start, how: Ending::Rest, fragment: None, ids: None };
        while let Answer::Redirect { to, fragment, .. } = engine.answer(walk.end) {
            if walk.hops.contains(&walk.end) {
                walk.how = Ending::Loop;
                break;
            }
            if walk.hops.len() >= engine.config().redirects as usize {
                walk.how = Ending::TooMany;
                break;
            }
            walk.hops.push(walk.end);
            walk.end = to;
            walk.fragment = fragment.or(walk.fragment);
        }
        if walk.how == Ending::Rest
            && matches!(engine.answer(walk.end), Answer::Status { accepted: true, .. })
        {
            walk.ids = engine.ids(walk.end);
        }
        walk
    }
}

/// What became of a link target.
#[derive(Clone, Debug)]
pub(super) struct Verdict {
    pub(super) class: Class,
    pub(super) severity: Severity,
}

impl Verdict {
    pub(super) fn of(engine: &Engine, id: UrlId) -> Self {
        let class = class(engine, &Walk::from(engine, id));
        Self { class, severity: class.severity(engine.is_in_scope(id)) }
    }

    pub(super) fn of_dead_fragment(engine: &Engine, id: UrlId) -> Self {
        let class = Class::DeadFragment;
        Self { class, severity: class.severity(engine.is_in_scope(id)) }
    }
}

fn class(engine: &Engine, walk: &Walk<'_>) -> Class {
    match walk.how {
        Ending::Loop => return Class::RedirectLoop,
        Ending::TooMany => return Class::TooManyRedirects,
        Ending::Rest => {}
    }
    let redirected = !walk.hops.is_empty();
    match engine.answer(walk.end) {
        Answer::Status { accepted: true, too_large: true, .. } => Class::TooLarge,
        Answer::Status { accepted: true, .. } if redirected => Class::Redirected,
        Answer::Status { accepted: true, .. } => Class::Ok,
        Answer::Status { bad_location: true, .. } | Answer::NotAUrl => Class::InvalidUrl,
        Answer::Status { status, challenge, .. } => Class::of_status(status, challenge),
        Answer::Failure(failure) => Class::of_failure(failure),
        // A redirect to what cannot be fetched is the server's fault, a link to it is not the page's.
        Answer::None(Some(Skip::Scheme)) if redirected => Class::InvalidUrl,
        Answer::None(_) | Answer::Redirect { .. } => Class::Skipped,
    }
}

/// What happened, in words.
pub(super) fn message(engine: &Engine, class: Class, walk: &Walk<'_>, fragment: Option<&str>) -> String {
    match (class, engine.answer(walk.end)) {
        (Class::DeadFragment, _) => {
            format!("the page has no element with the id \"{}\"", fragment.unwrap_or_default())
        }
        (Class::RedirectLoop, _) => "the redirects come back to where they were".to_owned(),
        (Class::TooManyRedirects, _) => {
            format!("more than {} redirects in a row", engine.config().redirects)
        }
        (Class::Redirected, _) => {
            let permanent = walk.hops.iter().all(|hop| matches!(engine.status(*hop), Some(301 | 308)));
            let how = if permanent { "permanently" } else { "temporarily" };
            format!("redirected {how} to {}", engine.url(walk.end))
        }
        (Class::TooLarge, _) => format!("the body is larger than {} bytes", engine.body_cap_of(walk.end)),
        (_, Answer::Status { bad_location: true, .. }) => "redirected to what is not a URL".to_owned(),
        (Class::InvalidUrl, Answer::None(_)) => {
            format!("redirected to {}, which cannot be fetched", engine.url(walk.end))
        }
        (Class::Protocol, Answer::Status { status: status @ (301 | 302 | 303 | 307 | 308), .. }) => {
            format!("{}, but the response names no location", status_text(status))
        }
        (_, Answer::Status { status, .. }) => status_text(status),
        (_, Answer::NotAUrl) => "not a valid URL".to_owned(),
        (_, Answer::Failure(failure)) => failure.to_string(),
        (_, Answer::None(Some(skip))) => skip.to_string(),
        (_, Answer::None(None) | Answer::Redirect { .. }) => "not checked".to_owned(),
    }
}

/// The code and its registered reason phrase.
fn status_text(status: u16) -> String {
    match StatusCode::from_u16(status).ok().and_then(|code| code.canonical_reason()) {
        Some(reason) => format!("{status} {reason}"),
        None => status.to_string(),
    }
}
