//! Report formats. Each writes what it is given as it comes; none holds the report in memory.

mod inert;
mod json;
mod names;
mod palette;
mod text;
mod yaml;

pub use inert::Inert;
pub use names::Folder;
pub use text::Look;

use crawlspace::Report;
use crawlspace::report::{DuplicateIds, Finding, Statistics, Summary, UrlText};
use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

/// What a format reads: the engine's [`Report`], or one put together by hand.
pub trait Results {
    /// The totals.
    fn summary(&self) -> Summary;
    /// What may differ from run to run.
    fn statistics(&self) -> Statistics;
    /// All that is not `ok`, worst first.
    fn findings(&self) -> Box<dyn Iterator<Item = Finding<'_>> + '_>;
    /// Every link target with its verdict.
    fn links(&self) -> Box<dyn Iterator<Item = Finding<'_>> + '_>;
    /// The e-mail addresses that pages link to, each once.
    fn emails(&self) -> Box<dyn Iterator<Item = &str> + '_>;
    /// Pages that a sitemap lists and no link reaches.
    fn orphans(&self) -> Box<dyn Iterator<Item = UrlText<'_>> + '_> {
        Box::new(std::iter::empty())
    }
    /// Ids that several elements of a page have.
    fn duplicate_ids(&self) -> Box<dyn Iterator<Item = DuplicateIds<'_>> + '_> {
        Box::new(std::iter::empty())
    }
}

impl Results for Report<'_> {
    fn summary(&self) -> Summary {
        Report::summary(self)
    }

    fn statistics(&self) -> Statistics {
        Report::statistics(self)
    }

    fn findings(&self) -> Box<dyn Iterator<Item = Finding<'_>> + '_> {
        Box::new(Report::findings(self))
    }

    fn links(&self) -> Box<dyn Iterator<Item = Finding<'_>> + '_> {
        Box::new(Report::links(self))
    }

    fn emails(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        Box::new(Report::emails(self))
    }

    fn orphans(&self) -> Box<dyn Iterator<Item = UrlText<'_>> + '_> {
        Box::new(Report::orphans(self))
    }

    fn duplicate_ids(&self) -> Box<dyn Iterator<Item = DuplicateIds<'_>> + '_> {
        Box::new(Report::duplicate_ids(self))
    }
}

/// A format of the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One object, described by `schema/report.schema.json`.
    Json,
    /// One finding a line, each a JSON object.
    Jsonl,
    /// Two documents in the shape of Hydra's report.
    Yaml,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 4] = [Self::Text, Self::Json, Self::Jsonl, Self::Yaml];

    /// The name on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Yaml => "yaml",
        }
    }

    /// Writes a report.
    ///
    /// # Errors
    ///
    /// Whatever `out` fails with.
    pub fn write(self, results: &dyn Results, look: Look<'_>, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Text => text::write(results, look, out),
            Self::Json => json::write(results, look, out),
            Self::Jsonl => json::write_lines(results, look.all, out),
            Self::Yaml => yaml::write(results, out),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|format| format.as_str() == name)
            .ok_or_else(|| format!("\"{name}\" is no format; formats are text, json, jsonl and yaml"))
    }
}
