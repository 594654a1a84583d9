//! `crawlspace explain`: why a URL was in or out, what was asked, and how that was judged.

mod facts;
mod text;

use crate::args::ExplainArgs;
use crate::check::{self, Checked};
use crate::config::{Plan, Site};
use crate::error::Error;
use crate::exit::Exit;
use crate::format::Format;
use crate::state;
use crate::trace::Trace;
use facts::Facts;
use std::io::{self, BufWriter, Write};
use url::Url;

/// Runs a check, or takes one that was saved, and explains what came of some URLs.
pub(crate) fn run(args: ExplainArgs) -> Result<Exit, Error> {
    let ExplainArgs { from, mut check } = args;
    let texts = std::mem::replace(&mut check.options.targets, from);
    if texts.is_empty() {
        return Err(Error::new("there is nothing to explain: no URL is given")
            .way_out("give one: crawlspace explain https://example.com/page"));
    }
    let mut layer = check.layers()?;
    if layer.options.targets.is_empty() {
        if layer.options.state.is_some() {
            return Err(Error::new("--state: a saved check is found by its targets, and none is given")
                .way_out("name them as they were checked: --from https://example.com/"));
        }
        // The URLs alone, and not what they link to.
        layer.options.targets.clone_from(&texts);
        layer.options.depth.get_or_insert(0);
    }
    let plan = Plan::new(layer)?;
    if plan.format == Format::Yaml {
        return Err(Error::new("--format yaml: explanations are text, json or jsonl"));
    }
    let urls = texts.iter().map(|text| parse(text, plan.site.as_ref())).collect::<Result<Vec<_>, _>>()?;

    let (engine, attempts, interrupted) = match &plan.state {
        Some(folder) => (state::saved(&plan, folder)?, None, false),
        None => {
            let trace = Trace::on();
            let Checked { engine, interrupted, .. } = check::crawl(&plan, &trace)?;
            (engine, Some(trace.attempts()), interrupted)
        }
    };
    let report = engine.report().with_rules(plan.rules.clone());
    let facts: Vec<_> =
        urls.iter().map(|url| Facts::of(url, &engine, &report, attempts.as_deref())).collect();
    let mut out = BufWriter::new(io::stdout().lock());
    let written = match plan.format {
        Format::Json => serde_json::to_writer_pretty(&mut out, &facts)
            .map_err(io::Error::from)
            .and_then(|()| writeln!(out)),
        Format::Jsonl => facts.iter().try_for_each(|facts| {
            serde_json::to_writer(&mut out, facts)?;
            writeln!(out)
        }),
        Format::Text | Format::Yaml => facts.iter().try_for_each(|facts| text::write(facts, &mut out)),
    };
    match written.and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::new(format!("the explanation cannot be printed: {error}")))
        }
        _ if interrupted => Ok(Exit::Interrupted),
        _ => Ok(Exit::Clean),
    }
}

/// A URL; a path too, where a folder stands for a site.
fn parse(text: &str, site: Option<&Site>) -> Result<Url, Error> {
    let parsed = match (Url::parse(text), site) {
        (Err(url::ParseError::RelativeUrlWithoutBase), Some(site)) => site.base.join(text),
        (parsed, _) => parsed,
    };
    parsed.map_err(|error| {
        Error::new(format!("\"{text}\" is no URL: {error}"))
            .way_out("give one such as https://example.com/page")
    })
}
