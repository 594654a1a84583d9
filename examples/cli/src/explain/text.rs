//! An explanation for people.

use super::facts::{Facts, Judged, Row};
use crate::format::Inert;
use crawlspace::report::{Class, Severity};
use crawlspace::{Decision, Kind};
use std::io::{self, Write};

/// Places that are listed; more are counted only.
const PLACES: usize = 10;

pub(super) fn write(facts: &Facts<'_>, out: &mut dyn Write) -> io::Result<()> {
    let line = |out: &mut dyn Write, name: &str, text: &str| writeln!(out, "  {name:<10}{}", Inert(text));
    writeln!(out, "{}", Inert(facts.url))?;
    if facts.identity != facts.url {
        line(out, "identity", &facts.identity)?;
    }
    line(out, "scope", &scope(facts))?;
    let robots = &facts.robots;
    line(
        out,
        "robots",
        &match robots.says {
            "allowed" | "disallowed" => format!("{}: {}", robots.says, robots.because),
            _ => robots.because.clone(),
        },
    )?;
    line(
        out,
        "found",
        &match (facts.target, facts.depth) {
            (true, _) => "it is a target".to_owned(),
            (false, Some(1)) => "one link away from a target".to_owned(),
            (false, Some(depth)) => format!("{depth} links away from a target"),
            (false, None) => "nothing that was read leads to it".to_owned(),
        },
    )?;
    let mut name = "attempts";
    for row in facts.attempts.iter().flatten() {
        line(out, name, &attempt(row))?;
        name = "";
    }
    match &facts.attempts {
        None => line(out, name, "not kept with the state of a check")?,
        Some(attempts) if attempts.is_empty() => line(out, name, "none")?,
        Some(_) => {}
    }
    for judged in &facts.verdicts {
        verdict(judged, out)?;
    }
    writeln!(out)
}

fn scope(facts: &Facts<'_>) -> String {
    let because = &facts.scope.because;
    match (facts.scope.decision, facts.target) {
        (Decision::Crawl, _) => format!("crawled: {because}"),
        (Decision::Check, _) => format!("checked: {because}"),
        (Decision::Ignore, false) => format!("left alone: {because}"),
        (Decision::Ignore, true) => {
            format!("asked for, since it is a target; a link to it would be left alone: {because}")
        }
    }
}

fn attempt(row: &Row<'_>) -> String {
    let mut text = format!("{:.3} s  {} {}", row.began, row.method, row.url);
    if row.kind != Kind::Robots && row.attempt > 1 {
        text.push_str(&format!("  attempt {}", row.attempt));
    }
    match (row.status, &row.failure) {
        (Some(status), _) => text.push_str(&format!("  {status}")),
        (None, Some(failure)) => text.push_str(&format!("  {failure}")),
        (None, None) => {}
    }
    if let Some(location) = row.location {
        text.push_str(&format!(" to {location}"));
    }
    text.push_str(&format!("  {} bytes in {:.3} s", row.bytes, row.took));
    text
}

fn verdict(judged: &Judged<'_>, out: &mut dyn Write) -> io::Result<()> {
    let finding = &judged.finding;
    let line = |out: &mut dyn Write, name: &str, text: &str| writeln!(out, "  {name:<10}{}", Inert(text));
    if let Some(fragment) = finding.fragment {
        line(out, "fragment", &format!("#{fragment}"))?;
    }
    let message = &finding.message;
    let class = finding.class.as_str();
    line(
        out,
        "verdict",
        &if message.starts_with(class) { message.clone() } else { format!("{class}: {message}") },
    )?;
    for hop in &finding.redirects {
        line(out, "redirect", &format!("{} from {}", hop.status, hop.url))?;
    }
    if !finding.redirects.is_empty() {
        line(out, "", &format!("to {}", finding.final_url))?;
    }
    if finding.class != Class::Ok {
        let side = if judged.in_scope { "in scope" } else { "outside" };
        let severity = match (&judged.rule, finding.severity) {
            (Some(rule), Severity::Ignored) => format!("ignored, by the rule {rule}"),
            (Some(rule), severity) => format!("{severity}, by the rule {rule}"),
            (None, severity) => format!("{severity}, the default for {class} {side}"),
        };
        line(out, "severity", &severity)?;
    }
    let mut name = "linked at";
    for place in finding.referrers.iter().take(PLACES) {
        let (element, attribute) = (place.place.element(), place.place.attribute());
        line(out, name, &format!("{}:{}:{}  <{element} {attribute}>", place.page, place.line, place.column))?;
        name = "";
    }
    match finding.referrers.len().saturating_sub(PLACES) {
        0 => Ok(()),
        more => line(out, "", &format!("+{more} more")),
    }
}
