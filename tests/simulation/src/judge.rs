//! The whole judgement of a crawl that is over.

use crate::fate::{fates, rules_changed};
use crate::oracle::{Expected, expected};
use crate::plan::Plan;
use crate::witness::manners;
use crate::{Verdict, must};
use crawlspace::report::Class;
use crawlspace::{Engine, Event, Kind, LimitKind, Method};
use crawlspace_sim::{Entry, Fault, Run};
use std::collections::{BTreeMap, BTreeSet};
use url::Url;

/// Judges a run that is over by its servers' log.
///
/// # Errors
///
/// The first thing that does not hold.
pub fn judge(plan: &Plan, run: &Run) -> Verdict {
    let log = run.log().entries();
    manners(plan, log)?;
    answers(run)?;
    events(run)?;
    lapses(plan, run)?;
    if run.tally().of(Some(Fault::Forged)) > 0 {
        // What forged digests name is the engine's to refuse, which has tests of its own.
        return ledger(run.engine());
    }
    findings(plan, run.engine(), log, core::slice::from_ref(&plan.seed))
}

/// I1, I4, I8, I14, I31: what was asked for is what there was to ask for, and each has one end.
///
/// # Errors
///
/// The first thing that does not hold.
pub fn findings(plan: &Plan, engine: &Engine, log: &[Entry], seeds: &[Url]) -> Verdict {
    ledger(engine)?;
    if rules_changed(log) {
        return Ok(());
    }
    for (url, fates) in fates(log) {
        let last = fates.last().filter(|fate| fate.method == Method::Head && fate.digest().is_some());
        let clear = last.is_none_or(|fate| fate.works() || fate.redirect().is_some());
        must!(clear, "{url} is judged by a HEAD that was not confirmed");
    }
    let expected = expected(plan, log, engine.spec().id_key, seeds);
    let asked: BTreeSet<&str> = log
        .iter()
        .filter(|entry| entry.request.kind != Kind::Robots)
        .map(|entry| entry.request.url.as_str())
        .collect();
    if let Some(url) = asked.iter().find(|url| !expected.allowed.contains(**url)) {
        return Err(format!("I4: {url} was asked for, to which nothing leads"));
    }
    let report = engine.report();
    let partial = report.summary().partial;
    if let Some(limit) = plan.pages {
        let pages: BTreeSet<&str> = log
            .iter()
            .filter(|entry| entry.request.kind == Kind::Page)
            .map(|entry| entry.request.url.as_str())
            .collect();
        let read = report.summary().pages;
        must!(read <= limit, "I28: {read} pages read of {} fetched, with a limit of {limit}", pages.len());
    }
    if partial.contains(&LimitKind::MaxPages) {
        return Ok(());
    }
    must!(partial.is_empty(), "no limit but {partial:?} was reached");
    if let Some(url) = expected.asked.iter().find(|url| !asked.contains(url.as_str())) {
        return Err(format!("I8: {url} was never asked for"));
    }
    must!(expected.unread.is_empty(), "fragments of {:?} were never looked at", expected.unread);
    let known = (expected.asked.len() + expected.denied.len()) as u64;
    let terminal = engine.progress().terminal;
    let most = known.max((expected.allowed.union(&expected.denied).count()) as u64);
    must!((known..=most).contains(&terminal), "I1: {terminal} URLs have an end, {known} ought to");
    rows(engine, &expected)
}

/// I1, I31: one row for each link target, with the class that its answers make.
fn rows(engine: &Engine, expected: &Expected) -> Verdict {
    let report = engine.report();
    let mut classes = BTreeMap::new();
    let mut dead = BTreeSet::new();
    for row in report.links() {
        let url = row.url.to_string();
        if row.class == Class::DeadFragment {
            dead.insert((url, row.fragment.unwrap_or_default().to_owned()));
            must!(!row.referrers.is_empty(), "I31: {} has no referrer", row.url);
            continue;
        }
        let twice = classes.insert(url.clone(), row.class).is_some();
        must!(!twice || row.class == Class::InvalidUrl, "I1: two rows of {url}");
    }
    for (url, class) in &expected.classes {
        let told = classes.get(url);
        must!(told == Some(class), "{url} is {class:?} by its answers, and {told:?} in the report");
    }
    must!(dead == expected.dead, "dead fragments are {:?}, the report says {dead:?}", expected.dead);
    Ok(())
}

/// I1, I3: at the end nothing is open, and all that was let in has its end.
fn ledger(engine: &Engine) -> Verdict {
    let progress = engine.progress();
    must!(progress.queued + progress.waiting + progress.in_flight == 0, "I8: over, but {progress:?}");
    must!(progress.admitted == progress.terminal, "I3: {progress:?}");
    Ok(())
}

/// I26, I34: each answer that answers nothing is counted, and no other.
fn answers(run: &Run) -> Verdict {
    let first = run.log().entries().iter().filter(|entry| entry.outcome.is_some()).count() as u64;
    let late = run.report().statistics().late_answers;
    let rest = run.answers() - first;
    must!(late == rest, "I26: {rest} answers came too late or to nothing, {late} were counted");
    Ok(())
}

/// I10: a fetch that is never answered is given up at its deadline, neither before nor after; or as soon as the clock
/// is read again that has jumped over it.
fn lapses(plan: &Plan, run: &Run) -> Verdict {
    let jumps = run.tally().of(Some(Fault::ClockAhead)) + run.tally().of(Some(Fault::Suspended)) > 0;
    for entry in run.log().entries().iter().filter(|entry| entry.outcome.is_none()) {
        let took = entry.ended.map(|ended| ended.since(entry.at));
        let in_time = if jumps { took >= Some(plan.deadline()) } else { took == Some(plan.deadline()) };
        must!(in_time, "I10: {} given up after {took:?}", entry.request.url);
    }
    Ok(())
}

/// What the events say adds up to what the servers saw.
fn events(run: &Run) -> Verdict {
    let retrying = run.events().iter().filter(|event| matches!(event, Event::Retrying { .. })).count() as u64;
    let statistics = run.report().statistics();
    must!(retrying <= statistics.retries, "{retrying} retries announced, {} counted", statistics.retries);
    must!(statistics.fetches == run.fetches(), "{} fetches, {} counted", run.fetches(), statistics.fetches);
    let disturbed: u64 = [Fault::Busy, Fault::ClockBack, Fault::ClockAhead, Fault::Suspended]
        .into_iter()
        .map(|fault| run.tally().of(Some(fault)))
        .sum();
    let most = 20 + 12 * run.fetches() + 2 * run.answers() + 4 * disturbed;
    let steps = run.trace().steps();
    must!(steps <= most, "I8: {steps} steps for {} fetches", run.fetches());
    Ok(())
}

/// I3, I9 at one moment of a crawl.
///
/// # Errors
///
/// If URLs are unaccounted for.
pub fn at_each_step(run: &Run) -> Verdict {
    let progress = run.engine().progress();
    let sum = progress.queued + progress.waiting + progress.in_flight + progress.terminal;
    must!(progress.admitted == sum, "I3: {progress:?}");
    Ok(())
}
