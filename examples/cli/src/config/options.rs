//! The options of a check: one table for the command line and the configuration file, so that neither can know one
//! that the other does not.

use super::value::{
    Accept, ArchiveFile, HeaderLine, Output, Regex, SeverityRule, Span, Transport, one_or_many, whole,
};
use crate::error::Error;
use crate::format::Format;
use serde::Deserialize;
use std::path::PathBuf;

/// What can be said of a check. Nothing is required here: what is not said is taken from the next layer, and at last
/// from the defaults.
#[derive(Clone, Debug, Default, clap::Args, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Options {
    /// Where to begin: a URL, a folder (checked as a site, offline), or an HTML or Markdown file (checked alone)
    #[arg(value_name = "TARGET")]
    #[serde(deserialize_with = "one_or_many")]
    pub targets: Vec<String>,

    /// What carries out the requests: hyper or ureq [default: hyper]
    #[arg(long, value_name = "NAME", help_heading = "Network")]
    pub transport: Option<Transport>,

    /// Requests in flight in all [default: 128, of these 50 to the own site]
    #[arg(long, value_name = "N", help_heading = "Network", value_parser = whole::<u32>, allow_negative_numbers = true)]
    pub concurrency: Option<u32>,

    /// Requests in flight to one host at most; fewer while it is slow or in trouble [default: own site 50, other
    /// hosts 4]
    #[arg(long, value_name = "N", help_heading = "Network", value_parser = whole::<u32>, allow_negative_numbers = true)]
    pub per_host: Option<u32>,

    /// Time from one request to the next to the same host [default: own site 0, other hosts 100ms]
    #[arg(long, value_name = "TIME", help_heading = "Network", allow_negative_numbers = true)]
    pub delay: Option<Span>,

    /// Time that one request may take in all [default: 30]
    #[arg(long, value_name = "TIME", help_heading = "Network", allow_negative_numbers = true)]
    pub timeout: Option<Span>,

    /// How often a request that may pass later is tried again, links to other sites at last when all else is done
    /// [default: 2]
    #[arg(long, value_name = "N", help_heading = "Network", value_parser = whole::<u32>, allow_negative_numbers = true)]
    pub retries: Option<u32>,

    /// Failures in a row (429, 503, time-outs, no connection) after which the rest of a host is skipped, with a
    /// partial report [default: no limit]
    #[arg(long, value_name = "N", help_heading = "Network", value_parser = whole::<u32>, allow_negative_numbers = true)]
    pub max_host_failures: Option<u32>,

    /// A header to send to the targets' own origins, and to no other (may be repeated)
    #[arg(long, value_name = "NAME: VALUE", help_heading = "Network")]
    #[serde(deserialize_with = "one_or_many")]
    pub header: Vec<HeaderLine>,

    /// The User-Agent to send [default: crawlspace/VERSION]
    #[arg(long, value_name = "TEXT", help_heading = "Network")]
    pub user_agent: Option<String>,

    /// Obey robots.txt for links that are only checked, too [default: for crawled pages]
    #[arg(
        long,
        help_heading = "Network",
        overrides_with = "no_robots",
        num_args = 0,
        default_missing_value = "true"
    )]
    pub robots: Option<bool>,

    /// Ask for no robots.txt, obey none
    #[arg(
        long,
        help_heading = "Network",
        overrides_with = "robots",
        num_args = 0,
        default_missing_value = "true"
    )]
    pub no_robots: Option<bool>,

    /// How many links away from a target to go; a target has depth 0 [default: no limit]
    #[arg(long, value_name = "N", help_heading = "What is checked", value_parser = whole::<u32>, allow_negative_numbers = true)]
    pub depth: Option<u32>,

    /// How many pages to fetch at most [default: no limit]
    #[arg(long, value_name = "N", help_heading = "What is checked", value_parser = whole::<u64>, allow_negative_numbers = true)]
    pub max_pages: Option<u64>,

    /// When to stop at the latest, with a partial report [default: no limit]
    #[arg(long, value_name = "TIME", help_heading = "What is checked", allow_negative_numbers = true)]
    pub max_time: Option<Span>,

    /// Finish each depth before the next, so that a limit picks the same pages every time
    #[arg(long, help_heading = "What is checked", num_args = 0, default_missing_value = "true")]
    pub ordered: Option<bool>,

    /// Check a target that is given twice, twice
    #[arg(long, help_heading = "What is checked", num_args = 0, default_missing_value = "true")]
    pub each: Option<bool>,

    /// Check the URLs in pages' JSON-LD, too
    #[arg(long, help_heading = "What is checked", num_args = 0, default_missing_value = "true")]
    pub json_ld: Option<bool>,

    /// Check the pages of a sitemap, too: its URL, or auto for those that robots.txt names (may be repeated). A path
    /// is one on the first target's site. Pages of other sites are reported and not asked for [default: none]
    #[arg(long, value_name = "auto|URL", help_heading = "What is checked")]
    #[serde(deserialize_with = "one_or_many")]
    pub sitemap: Vec<String>,

    /// Where a folder will be published: links to this address are looked up in the folder
    #[arg(long, value_name = "URL", help_heading = "What is checked")]
    pub base_url: Option<String>,

    /// Ask only for URLs that match one of these expressions (may be repeated)
    #[arg(long, value_name = "REGEX", help_heading = "What is checked")]
    #[serde(deserialize_with = "one_or_many")]
    pub include: Vec<Regex>,

    /// Do not ask for URLs that match one of these expressions (may be repeated)
    #[arg(long, value_name = "REGEX", help_heading = "What is checked")]
    #[serde(deserialize_with = "one_or_many")]
    pub exclude: Vec<Regex>,

    /// Ask for links to other sites, too [default for URLs]
    #[arg(
        long,
        help_heading = "What is checked",
        overrides_with = "no_external",
        num_args = 0,
        default_missing_value = "true"
    )]
    pub external: Option<bool>,

    /// Do not ask for links to other sites [default for folders and files]
    #[arg(
        long,
        help_heading = "What is checked",
        overrides_with = "external",
        num_args = 0,
        default_missing_value = "true"
    )]
    pub no_external: Option<bool>,

    /// Status codes that count as working [default: 200..=299]
    #[arg(long, value_name = "CODES", help_heading = "What is checked")]
    pub accept: Option<Accept>,

    /// Look for pages that a host gives instead of 404: one or two more requests to each host
    #[arg(long, help_heading = "What is checked", num_args = 0, default_missing_value = "true")]
    pub soft_404: Option<bool>,

    /// Judge text fragments (#:~:text=…), too: the texts of all pages are then kept
    #[arg(long, help_heading = "What is checked", num_args = 0, default_missing_value = "true")]
    pub text_fragments: Option<bool>,

    /// How bad a finding is: WHAT:SEVERITY or WHAT@WHERE:SEVERITY, such as 403:warn, 5xx@example.com:ignore or
    /// timeout@external:error (may be repeated; the last one that matches counts). See below
    #[arg(long, value_name = "RULE", help_heading = "What is checked")]
    #[serde(deserialize_with = "one_or_many")]
    pub rule: Vec<SeverityRule>,

    /// What all that looks random is drawn from, to repeat a run [default: drawn by the system]
    #[arg(long, value_name = "NUMBER", help_heading = "What is checked", value_parser = whole::<u64>, allow_negative_numbers = true)]
    pub seed: Option<u64>,

    /// Record all that is asked and answered to a WARC file, such as crawl.warc.gz; asks with GET, and for whole bodies.
    /// Never overwrites one: with --state, a check that goes on records to the next file (crawl-00001.warc.gz), and
    /// a replay needs all of them
    #[arg(long, value_name = "FILE", help_heading = "Archive")]
    pub record: Option<PathBuf>,

    /// Begin another file (crawl-00001.warc.gz) where one would have more MiB than this [default: no limit]
    #[arg(long, value_name = "MIB", help_heading = "Archive", value_parser = whole::<u64>, allow_negative_numbers = true)]
    pub record_size: Option<u64>,

    /// Record the values of --header, cookies and passwords too, which are left out otherwise
    #[arg(long, help_heading = "Archive", num_args = 0, default_missing_value = "true")]
    pub record_secrets: Option<bool>,

    /// Take all answers from this WARC file and ask no one; without a target, check what was checked when it was recorded
    /// (may be repeated, for an archive of several files)
    #[arg(long, value_name = "FILE", help_heading = "Archive")]
    #[serde(deserialize_with = "one_or_many")]
    pub replay: Vec<ArchiveFile>,

    /// Keep the state of the check in this folder: the same command goes on with one that was interrupted or killed,
    /// and begins anew after one that was finished
    #[arg(long, value_name = "DIR", help_heading = "State")]
    pub state: Option<PathBuf>,

    /// Print the report of the finished check that --state holds, and ask for nothing
    #[arg(long, help_heading = "State", num_args = 0, default_missing_value = "true")]
    pub resume_only: Option<bool>,

    /// How the report is printed: text, json, jsonl or yaml [default: text]
    #[arg(long, value_name = "FORMAT", help_heading = "Report")]
    pub format: Option<Format>,

    /// Write the report to a file as well, such as json=report.json (may be repeated)
    #[arg(long, value_name = "FORMAT=FILE", help_heading = "Report")]
    #[serde(deserialize_with = "one_or_many")]
    pub output: Vec<Output>,

    /// Report every URL checked, what works included
    #[arg(long, help_heading = "Report", num_args = 0, default_missing_value = "true")]
    pub all: Option<bool>,

    /// Report pages that a sitemap lists and no link reaches (text and json); without --sitemap, as if auto were given
    #[arg(long, help_heading = "Report", num_args = 0, default_missing_value = "true")]
    pub orphans: Option<bool>,

    /// Report ids that several elements of a page have (text and json)
    #[arg(long, help_heading = "Report", num_args = 0, default_missing_value = "true")]
    pub duplicate_ids: Option<bool>,

    /// Show no progress
    #[arg(long, short, help_heading = "Report", num_args = 0, default_missing_value = "true")]
    pub quiet: Option<bool>,
}

impl Options {
    /// The names that a configuration file may use: the targets, and the command line's long options.
    #[must_use]
    pub fn names() -> Vec<String> {
        let command = <Self as clap::Args>::augment_args(clap::Command::new("check"));
        let mut names: Vec<_> =
            command.get_arguments().filter_map(|arg| arg.get_long().map(str::to_owned)).collect();
        names.push("targets".to_owned());
        names
    }

    /// Folds the pairs of switches into one each.
    ///
    /// # Errors
    ///
    /// If both of a pair are set; on the command line the last one counts, so that comes from a file.
    pub fn settled(mut self) -> Result<Self, Error> {
        self.robots = settle("robots", self.robots, self.no_robots.take())?;
        self.external = settle("external", self.external, self.no_external.take())?;
        Ok(self)
    }

    /// These options, and where they say nothing, those of the layer below.
    #[must_use]
    pub fn over(self, below: Self) -> Self {
        macro_rules! layer {
            (values: $($value:ident),*; lists: $($list:ident),*) => {
                Self {
                    $($value: self.$value.or(below.$value),)*
                    $($list: if self.$list.is_empty() { below.$list } else { self.$list },)*
                    // The last one that matches counts, so those above stand after those below.
                    rule: [below.rule, self.rule].concat(),
                }
            };
        }
        layer!(
            values: transport, concurrency, per_host, delay, timeout, retries, max_host_failures, user_agent, robots, no_robots,
                depth, max_pages, max_time, ordered, each, json_ld, base_url, soft_404, text_fragments, external, no_external, accept, seed,
                record, record_size, record_secrets, state, resume_only, format, all, orphans, duplicate_ids, quiet;
            lists: targets, sitemap, header, include, exclude, replay, output
        )
    }
}

fn settle(name: &str, yes: Option<bool>, no: Option<bool>) -> Result<Option<bool>, Error> {
    match (yes, no) {
        (Some(_), Some(_)) => Err(Error::new(format!("{name} and no-{name} are both set"))
            .way_out(format!("keep one of them: {name} = true, or {name} = false"))),
        (yes, no) => Ok(yes.or(no.map(|no| !no))),
    }
}
