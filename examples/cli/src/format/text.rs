//! The report for people: what is wrong, on which pages, at which line.

use super::names::{Folder, Names};
use super::palette::Palette;
use super::{Inert, Results};
use crawlspace::report::{Class, DuplicateIds, Finding, Referrer, Severity, Statistics, Summary, UrlText};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{self, Write};

/// How a report is to look.
#[derive(Clone, Copy, Debug, Default)]
pub struct Look<'a> {
    /// Show everything: infos, all referrers, and what works.
    pub all: bool,
    /// List the pages that no link reaches (text and JSON).
    pub orphans: bool,
    /// List the ids that several elements of a page have (text and JSON).
    pub duplicate_ids: bool,
    /// Use colours (text only).
    pub colour: bool,
    /// The folder that was checked, so that its files can be named (text only).
    pub folder: Option<&'a Folder>,
}

/// Pages listed with a finding, unless all are asked for; more are counted only.
const PAGES_SHOWN: usize = 3;
/// Places listed on one of these pages.
const PLACES_SHOWN: usize = 3;

pub(super) fn write(results: &dyn Results, look: Look<'_>, out: &mut dyn Write) -> io::Result<()> {
    let palette = if look.colour { Palette::COLOURED } else { Palette::PLAIN };
    let mut sheet =
        Sheet { all: look.all, hidden: BTreeMap::new(), names: Names::new(look.folder), palette, out };
    for finding in results.findings() {
        if look.all || finding.severity > Severity::Info {
            sheet.finding(&finding)?;
        } else {
            *sheet.hidden.entry(finding.class).or_default() += 1;
        }
    }
    if look.all {
        let is_ignored = |link: &Finding<'_>| link.severity == Severity::Ignored;
        sheet.working(results.links().filter(|link| link.class == Class::Ok || is_ignored(link)))?;
    }
    if look.orphans {
        sheet.orphans(results.orphans())?;
    }
    if look.duplicate_ids {
        sheet.duplicate_ids(results.duplicate_ids())?;
    }
    sheet.totals(&results.summary(), &results.statistics())
}

/// What is written on.
struct Sheet<'a> {
    all: bool,
    /// Findings that are not shown.
    hidden: BTreeMap<Class, u64>,
    names: Names<'a>,
    palette: Palette,
    out: &'a mut dyn Write,
}

impl Sheet<'_> {
    fn finding(&mut self, finding: &Finding<'_>) -> io::Result<()> {
        let Self { names, palette, out, .. } = self;
        let (mark, strong, faint) = (palette.of(finding.severity), palette.strong, palette.faint);
        writeln!(out, "{mark}{:<7}{mark:#}  {strong}{}{strong:#}", finding.severity, names.target(finding))?;
        // Some messages begin with the class as it is.
        let (class, message) = (finding.class.as_str(), names.message(&finding.message));
        if message.starts_with(class) {
            writeln!(out, "         {message}")?;
        } else {
            writeln!(out, "         {class}: {message}")?;
        }
        for hop in &finding.redirects {
            writeln!(out, "         {faint}{} from {}{faint:#}", hop.status, names.url(hop.url))?;
        }
        if !finding.redirects.is_empty() {
            writeln!(out, "         {faint}to {}{faint:#}", names.url(finding.final_url))?;
        }
        self.referrers(&finding.referrers)?;
        writeln!(self.out)
    }

    /// The pages that hold the link, in order, each with the places on it. A file that answers for several URLs is
    /// listed once.
    fn referrers(&mut self, referrers: &[Referrer<'_>]) -> io::Result<()> {
        let pages = referrers.chunk_by(|a, b| a.page == b.page);
        let mut left = pages.clone().count();
        // One page more than are shown takes the line that would say so.
        let room = if self.all || left <= PAGES_SHOWN + 1 { left } else { PAGES_SHOWN };
        let mut shown = BTreeSet::new();
        for places in pages {
            if shown.len() == room {
                break;
            }
            left -= 1;
            let page = places.first().map(|place| self.names.page(place.page)).unwrap_or_default();
            if !shown.contains(&page) {
                self.places(&page, places)?;
                shown.insert(page);
            }
        }
        if left > 0 {
            let faint = self.palette.faint;
            writeln!(self.out, "         {faint}+{}{faint:#}", Count(left as u64, "more page"))?;
        }
        Ok(())
    }

    /// The places on one page.
    fn places(&mut self, page: &str, places: &[Referrer<'_>]) -> io::Result<()> {
        let Self { all, palette, out, .. } = self;
        let faint = palette.faint;
        let listed = if *all || places.len() <= PLACES_SHOWN + 1 { places.len() } else { PLACES_SHOWN };
        for place in &places[..listed] {
            let Referrer { line, column, text, spelling, .. } = place;
            write!(out, "         {page}:{line}:{column}  {faint}{}", Spot(place))?;
            if !text.is_empty() {
                write!(out, " \"{}\"", Inert(text))?;
            }
            if let Some(spelling) = spelling {
                write!(out, " written \"{}\"", Inert(spelling))?;
            }
            writeln!(out, "{faint:#}")?;
        }
        if places.len() > listed {
            writeln!(out, "         {faint}+{} more on this page{faint:#}", places.len() - listed)?;
        }
        Ok(())
    }

    /// What works or is ignored, one line each.
    fn working<'b>(&mut self, links: impl Iterator<Item = Finding<'b>>) -> io::Result<()> {
        let (good, faint) = (self.palette.good, self.palette.faint);
        let mut any = false;
        for link in links {
            let target = self.names.target(&link);
            match link.class {
                Class::Ok => write!(self.out, "{good}ok{good:#}       {target}")?,
                class => write!(self.out, "{faint}ignored{faint:#}  {target}  {class}")?,
            }
            match link.status {
                Some(status) => writeln!(self.out, "  {status}")?,
                None => writeln!(self.out)?,
            }
            any = true;
        }
        if any { writeln!(self.out) } else { Ok(()) }
    }

    /// Pages that no link reaches, one line each.
    fn orphans<'b>(&mut self, pages: impl Iterator<Item = UrlText<'b>>) -> io::Result<()> {
        let Palette { warning, strong, .. } = self.palette;
        let mut any = false;
        for page in pages {
            let page = self.names.url(page);
            writeln!(self.out, "{warning}orphan{warning:#}   {strong}{page}{strong:#}")?;
            any = true;
        }
        if any { writeln!(self.out, "         in a sitemap, and no link reaches them\n") } else { Ok(()) }
    }

    /// Ids that several elements of a page have, one line each.
    fn duplicate_ids<'b>(&mut self, ids: impl Iterator<Item = DuplicateIds<'b>>) -> io::Result<()> {
        let Palette { warning, faint, .. } = self.palette;
        let mut last = None;
        for DuplicateIds { page, id, lines, .. } in ids {
            if last.replace(page) != Some(page) {
                let (page, strong) = (self.names.page(page), self.palette.strong);
                writeln!(self.out, "{warning}warning{warning:#}  {strong}{page}{strong:#}")?;
            }
            let lines: Vec<_> = lines.iter().map(u32::to_string).collect();
            let lines = lines.join(", ");
            writeln!(self.out, "         duplicate id: \"{}\"  {faint}lines {lines}{faint:#}", Inert(id))?;
        }
        if last.is_some() { writeln!(self.out) } else { Ok(()) }
    }

    fn totals(&mut self, summary: &Summary, statistics: &Statistics) -> io::Result<()> {
        let Self { hidden, palette, out, .. } = self;
        let Summary { checked, pages, links, errors, warnings, ignored, .. } = *summary;
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
        let faint = palette.faint;
        if !hidden.is_empty() {
            // What is an info by default is named even if there is none.
            let usual = [Class::Redirected, Class::Skipped].into_iter();
            let others = hidden.keys().copied().filter(|class| class.severity(true) != Severity::Info);
            let of = |class| hidden.get(&class).copied().unwrap_or(0);
            let parts: Vec<_> = usual.chain(others).map(|class| format!("{} {class}", of(class))).collect();
            writeln!(out, "{faint}not shown: {} (--all shows them){faint:#}", parts.join(", "))?;
        }
        if ignored > 0 {
            writeln!(out, "{faint}ignored by rules: {}{faint:#}", Count(ignored, "link target"))?;
        }
        if !summary.partial.is_empty() {
            let limits: Vec<_> = summary.partial.iter().map(|limit| limit.as_str()).collect();
            let style = palette.warning;
            writeln!(out, "{style}partial{style:#}: not everything was checked ({})", limits.join(", "))?;
        }
        Ok(())
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
