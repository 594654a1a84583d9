//! What the servers' log alone says of a crawl's manners.

use crate::fate::{DAY, origin};
use crate::plan::{Plan, SECRET};
use crate::{Verdict, must};
use crawlspace::{FetchId, HeaderSetId, Kind, Outcome, RetryAfter, Time};
use crawlspace_sim::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Everything that a log can show.
///
/// # Errors
///
/// What does not hold.
pub fn manners(plan: &Plan, log: &[Entry]) -> Verdict {
    once(plan, log)?;
    gaps(plan, log)?;
    in_flight(plan, log)?;
    robots_first(plan, log)?;
    pauses(plan, log)?;
    headers(plan, log)
}

/// I2: at most one logical fetch for each identity and need, and at most so many attempts at each. A fetch that is
/// asked for again after an interruption keeps its id.
fn once(plan: &Plan, log: &[Entry]) -> Verdict {
    let mut asked = BTreeMap::new();
    for Entry { request, .. } in log.iter().filter(|entry| entry.request.kind != Kind::Robots) {
        must!(
            (1..=plan.retries + 1).contains(&request.attempt),
            "I2: {} at attempt {}, of {} at most",
            request.url,
            request.attempt,
            plan.retries + 1
        );
        let key = (
            request.url.as_str(),
            request.kind == Kind::Sitemap,
            request.need,
            request.method,
            request.attempt,
        );
        let first: FetchId = *asked.entry(key).or_insert(request.id);
        must!(first == request.id, "I2: asked twice, as {first} and {}: {key:?}", request.id);
    }
    Ok(())
}

/// I5, I6, I25: a gap between two fetches of a host, whatever they are for: the plan's, or the longer one that its
/// robots.txt asks for, as far as the cap goes, over interruptions too.
fn gaps(plan: &Plan, log: &[Entry]) -> Verdict {
    let mut delays: BTreeMap<&str, Vec<(Time, Duration)>> = BTreeMap::new();
    for entry in log.iter().filter(|entry| !entry.interrupted) {
        if let (Some(ended), Some(delay)) = (entry.ended, crawl_delay(entry)) {
            delays.entry(host(entry)).or_default().push((ended, delay.min(plan.cap)));
        }
    }
    let mut last: BTreeMap<&str, Time> = BTreeMap::new();
    for entry in log {
        let host = host(entry);
        if let Some(before) = last.insert(host, entry.at) {
            let gap = entry.at.since(before);
            // What begins at the very time of the answer may have begun before it.
            let known = delays.get(host).into_iter().flatten().filter(|(ended, _)| *ended < before);
            let least = known.map(|(_, delay)| *delay).fold(plan.gap, Duration::max);
            must!(
                gap >= least,
                "I5: {host} asked at {before} and again at {}, {}; {least:?} are due",
                entry.at,
                entry.request.url
            );
        }
    }
    Ok(())
}

/// How long a robots.txt asks to wait from one fetch to the next. What a redirect led to binds another host.
fn crawl_delay(entry: &Entry) -> Option<Duration> {
    let Some(Outcome::Answered(digest)) = &entry.outcome else { return None };
    let is_own = entry.request.kind == Kind::Robots && entry.request.url.query().is_none();
    let rules = digest.robots.as_ref().filter(|_| is_own && (200..300).contains(&digest.status))?;
    rules.crawl_delay
}

fn host(entry: &Entry) -> &str {
    entry.request.url.host_str().unwrap_or_default()
}

/// I5, I10: never more in flight than may be, of a host and in all; none longer than its deadline.
fn in_flight(plan: &Plan, log: &[Entry]) -> Verdict {
    let mut open: BTreeMap<FetchId, (Time, &str)> = BTreeMap::new();
    // What was in flight when the crawl was interrupted may go on elsewhere, unknown to it.
    for entry in log.iter().filter(|entry| !entry.interrupted) {
        open.retain(|_, (until, _)| *until > entry.at);
        let host = host(entry);
        open.insert(entry.request.id, (entry.ended.unwrap_or(entry.at), host));
        open.retain(|_, (until, _)| *until > entry.at);
        let of_host = open.values().filter(|(_, other)| *other == host).count();
        must!(
            of_host <= plan.of_host as usize,
            "I5: {of_host} in flight of {host} at {}: {open:?}",
            entry.at
        );
        must!(open.len() <= plan.concurrency as usize, "I5: {} in flight", open.len());
    }
    Ok(())
}

/// I7: nothing that robots.txt is asked for before its robots.txt, and that one fetch at a time, once a day; no second URL
/// by rules that are a day old (RFC 9309 section 2.4).
fn robots_first(plan: &Plan, log: &[Entry]) -> Verdict {
    let mut asking: BTreeMap<String, (FetchId, Time, Option<Time>)> = BTreeMap::new();
    let mut used: BTreeMap<String, FetchId> = BTreeMap::new();
    let mut ids = BTreeSet::new();
    for entry in log {
        // One that was open when the crawl was interrupted has its leave.
        let is_again = !ids.insert(entry.request.id);
        let origin = origin(&entry.request.url);
        if entry.request.kind == Kind::Robots {
            if let Some((id, asked, ended)) = asking.get(&origin) {
                let over = *id == entry.request.id || ended.is_some_and(|ended| ended <= entry.at);
                must!(over, "I7: two fetches of {} at once", entry.request.url);
                let begins = *id != entry.request.id
                    && entry.request.attempt == 1
                    && entry.request.url.query().is_none();
                let is_due = entry.at.since(*asked) >= DAY;
                must!(!begins || is_due, "I7: {} again, though it was answered", entry.request.url);
            }
            asking.insert(origin, (entry.request.id, entry.at, entry.ended));
        } else if entry.request.kind == Kind::Page || entry.request.kind == Kind::Check && plan.robots_check {
            let known = asking.get(&origin).and_then(|(id, _, ended)| Some((*id, (*ended)?)));
            let Some((id, ended)) = known.filter(|(_, ended)| *ended <= entry.at) else {
                return Err(format!("I7: {} before its robots.txt", entry.request.url));
            };
            let age = entry.at.since(ended);
            // What has been asked for is good for one URL, however old it has become since.
            let is_first = used.insert(origin, id) != Some(id);
            must!(
                is_first || is_again || age < DAY,
                "I7: {} by a robots.txt of {age:?} ago",
                entry.request.url
            );
        }
    }
    Ok(())
}

/// I6: who asks to be left alone for a while is, as far as the cap goes.
fn pauses(plan: &Plan, log: &[Entry]) -> Verdict {
    let mut answers: Vec<(Time, &str, Time, FetchId)> = Vec::new();
    for entry in log.iter().filter(|entry| entry.request.kind != Kind::Robots) {
        let (Some(ended), Some(Outcome::Answered(digest))) = (entry.ended, &entry.outcome) else { continue };
        if matches!(digest.status, 429 | 503)
            && let Some(RetryAfter::Delay(wait)) = digest.retry_after
        {
            let host = host(entry);
            answers.push((ended, host, ended + wait.min(plan.cap), entry.request.id));
        }
    }
    for entry in log {
        let host = host(entry);
        for (ended, whose, until, id) in &answers {
            // What is asked for at the very time of the answer may have been asked for before it.
            let within = entry.at > *ended && entry.at < *until && entry.request.id != *id;
            must!(
                *whose != host || !within,
                "I6: {} at {}, but {host} is to be left alone until {until}",
                entry.request.url,
                entry.at
            );
        }
    }
    Ok(())
}

/// I23: configured headers go to the origin they are bound to, and always.
fn headers(plan: &Plan, log: &[Entry]) -> Verdict {
    for Entry { request, .. } in log {
        let own = request.url.origin() == plan.seed.origin();
        let redirected = request.kind == Kind::Robots && request.url.query().is_some();
        must!(own || request.headers == HeaderSetId::NONE, "I23: {} was sent a secret", request.url);
        must!(
            !own || redirected || request.headers == SECRET,
            "I23: {} was not sent its headers",
            request.url
        );
    }
    Ok(())
}

/// I18: what was asked for again, beyond what any crawl asks for: at most what was in flight when it was interrupted.
///
/// # Errors
///
/// If more was.
pub fn asked_again(log: &[Entry], in_flight: usize) -> Verdict {
    let mut ids = BTreeSet::new();
    let again = log.iter().filter(|entry| !ids.insert(entry.request.id)).count();
    must!(again <= in_flight, "I18: {again} asked for again, {in_flight} were in flight");
    Ok(())
}
