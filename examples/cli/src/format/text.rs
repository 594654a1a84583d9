//! The report for people: what is wrong, on which pages, at which line.

use super::{Inert, Results};
use anstyle::{AnsiColor, Style};
use crawlspace::report::{Class, Finding, Referrer, Severity, Statistics, Summary};
use std::fmt;
use std::io::{self, Write};

/// How a report is to look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Show everything: infos, all referrers, and what works.
    pub all: bool,
    /// Use colours (text only).
    pub colour: bool,
}

/// Pages listed with a finding, unless all are asked for; more are counted only.
const PAGES_SHOWN: usize = 3;
/// Places listed on one of these pages.
const PLACES_SHOWN: usize = 3;

pub(super) fn write(results: &dyn Results, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let summary = results.summary();
    let palette = if look.colour { Palette::COLOURED } else { Palette::PLAIN };
    for finding in results.findings() {
        if look.all || finding.severity > Severity::Info {
            write_finding(&finding, look.all, &palette, out)?;
        }
    }
    if look.all {
        write_working(results, &palette, out)?;
    }
    write_summary(&summary, &results.statistics(), look.all, &palette, out)
}

/// The colours of a report.
struct Palette {
    error: Style,
    warning: Style,
    info: Style,
    good: Style,
    strong: Style,
    faint: Style,
}

impl Palette {
    const PLAIN: Self = Self {
        error: Style::new(),
        warning: Style::new(),
        info: Style::new(),
        good: Style::new(),
        strong: Style::new(),
        faint: Style::new(),
    };
    const COLOURED: Self = Self {
        error: AnsiColor::Red.on_default().bold(),
        warning: AnsiColor::Yellow.on_default().bold(),
        info: AnsiColor::Cyan.on_default(),
        good: AnsiColor::Green.on_default().bold(),
        strong: Style::new().bold(),
        faint: Style::new().dimmed(),
    };

    fn of(&self, severity: Severity) -> Style {
        match severity {
            Severity::Error => self.error,
            Severity::Warning => self.warning,
            Severity::Info => self.info,
        }
    }
}

fn write_finding(finding: &Finding<'_>, all: bool, palette: &Palette, out: &mut dyn Write) -> io::Result<()> {
    let (mark, strong, faint) = (palette.of(finding.severity), palette.strong, palette.faint);
    writeln!(out, "{mark}{:<7}{mark:#}  {strong}{}{strong:#}", finding.severity, Target(finding))?;
    writeln!(out, "         {}: {}", finding.class, Inert(&finding.message))?;
    for hop in &finding.redirects {
        writeln!(out, "         {faint}{} from {}{faint:#}", hop.status, Inert(hop.url))?;
    }
    if !finding.redirects.is_empty() {
        writeln!(out, "         {faint}to {}{faint:#}", Inert(finding.final_url))?;
    }
    write_referrers(&finding.referrers, all, palette, out)?;
    writeln!(out)
}

/// The pages that hold the link, in order, each with the places on it.
fn write_referrers(
    referrers: &[Referrer<'_>],
    all: bool,
    palette: &Palette,
    out: &mut dyn Write,
) -> io::Result<()> {
    let faint = palette.faint;
    let pages = || referrers.chunk_by(|a, b| a.page == b.page);
    let count = pages().count();
    // One page more than are shown takes the line that would say so.
    let shown = if all || count <= PAGES_SHOWN + 1 { count } else { PAGES_SHOWN };
    for places in pages().take(shown) {
        let listed = if all || places.len() <= PLACES_SHOWN + 1 { places.len() } else { PLACES_SHOWN };
        for place in &places[..listed] {
            let Referrer { page, line, column, text, .. } = place;
            write!(out, "         {}:{line}:{column}  {faint}{}", Inert(page), Spot(place))?;
            if !text.is_empty() {
                write!(out, " \"{}\"", Inert(text))?;
            }
            if let Some(spelling) = place.spelling {
                write!(out, " written \"{}\"", Inert(spelling))?;
            }
            writeln!(out, "{faint:#}")?;
        }
        if places.len() > listed {
            writeln!(out, "         {faint}+{} more on this page{faint:#}", places.len() - listed)?;
        }
    }
    if count > shown {
        writeln!(out, "         {faint}+{} more pages{faint:#}", count - shown)?;
    }
    Ok(())
}

/// What works, one line each.
fn write_working(results: &dyn Results, palette: &Palette, out: &mut dyn Write) -> io::Result<()> {
    let good = palette.good;
    let mut any = false;
    for link in results.links().filter(|link| link.class == Class::Ok) {
        write!(out, "{good}ok{good:#}       {}", Target(&link))?;
        match link.status {
            Some(status) => writeln!(out, "  {status}")?,
            None => writeln!(out)?,
        }
        any = true;
    }
    if any { writeln!(out) } else { Ok(()) }
}

fn write_summary(
    summary: &Summary,
    statistics: &Statistics,
    all: bool,
    palette: &Palette,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Summary { checked, pages, links, errors, warnings, infos, .. } = *summary;
    let (style, headline) = if errors > 0 {
        (palette.error, Count(errors, "error").to_string())
    } else if checked == 0 {
        (palette.warning, "nothing checked".to_owned())
    } else {
        (palette.good, "nothing broken".to_owned())
    };
    write!(out, "{style}{headline}{style:#}")?;
    if warnings > 0 {
        let style = palette.warning;
        write!(out, ", {style}{}{style:#}", Count(warnings, "warning"))?;
    }
    write!(out, ": {} checked, {} read", Count(checked, "URL"), Count(pages, "page"))?;
    writeln!(out, ", {} found, {:.1} s", Count(links, "link"), statistics.duration.as_secs_f64())?;
    if infos > 0 && !all {
        let of = |class| summary.classes.get(&class).copied().unwrap_or(0);
        let faint = palette.faint;
        writeln!(
            out,
            "{faint}not shown: {} redirected, {} skipped (--all shows them){faint:#}",
            of(Class::Redirected),
            of(Class::Skipped)
        )?;
    }
    if !summary.partial.is_empty() {
        let limits: Vec<_> = summary.partial.iter().map(|limit| limit.as_str()).collect();
        let style = palette.warning;
        writeln!(out, "{style}partial{style:#}: not everything was checked ({})", limits.join(", "))?;
    }
    Ok(())
}

/// What a finding is about: the URL with its fragment.
struct Target<'a, 'b>(&'a Finding<'b>);

impl fmt::Display for Target<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Inert(self.0.url))?;
        match self.0.fragment {
            Some(fragment) => write!(f, "#{}", Inert(fragment)),
            None => Ok(()),
        }
    }
}

/// Where on a page a link stands: `<a href>`, or what else it is.
struct Spot<'a, 'b>(&'a Referrer<'b>);

impl fmt::Display for Spot<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (element, attribute) = (self.0.place.element(), self.0.place.attribute());
        if attribute.is_empty() { write!(f, "<{element}>") } else { write!(f, "<{element} {attribute}>") }
    }
}

/// A number of things.
struct Count<'a>(u64, &'a str);

impl fmt::Display for Count<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.0, self.1, if self.0 == 1 { "" } else { "s" })
    }
}
