//! What a check is to do: options in layers (command line over file over defaults), made into a [`Plan`].

mod hydra;
mod options;
mod plan;
mod target;
mod toml;
mod value;

pub use options::Options;
pub use plan::{OWN_HEADERS, Plan, Record};
pub use target::{Site, Target};
pub use value::{Accept, ArchiveFile, HeaderLine, Output, Regex, SeverityRule, Span, Transport};

use crate::error::Error;
use crawlspace::digest::PlaceSet;
use std::path::Path;

/// One source of options, with what only a file can say.
#[derive(Clone, Debug, Default)]
pub struct Layer {
    /// The options.
    pub options: Options,
    /// Which attributes count as links (Hydra's `attrs` and `tags`).
    pub places: Option<PlaceSet>,
    /// Whether broken links leave the exit code 0 (Hydra's `graceful_exit`).
    pub graceful_exit: Option<bool>,
    /// What to tell the user of a file that is right, but may not mean what its author thinks.
    pub notes: Vec<String>,
}

impl Layer {
    /// Reads a configuration file: Hydra's JSON if its name ends in `.json` or it begins with a brace, else TOML.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or holds what it may not.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| {
            Error::new(format!("{name}: cannot read the configuration: {error}"))
                .way_out("--config takes the path of a TOML file, or of Hydra's JSON")
        })?;
        Self::parse(&name, &text)
    }

    /// Reads the text of a configuration file of that name.
    ///
    /// # Errors
    ///
    /// If it holds what it may not.
    pub fn parse(name: &str, text: &str) -> Result<Self, Error> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let extension = Path::new(name).extension().map(|extension| extension.to_ascii_lowercase());
        let is_json = match extension.as_ref().and_then(|extension| extension.to_str()) {
            Some("json") => true,
            Some("toml") => false,
            _ => text.trim_start().starts_with('{'),
        };
        if is_json { hydra::parse(name, text) } else { toml::parse(name, text) }
    }

    /// This layer, and where it says nothing, the one below.
    #[must_use]
    pub fn over(self, below: Self) -> Self {
        Self {
            options: self.options.over(below.options),
            places: self.places.or(below.places),
            graceful_exit: self.graceful_exit.or(below.graceful_exit),
            notes: [self.notes, below.notes].concat(),
        }
    }
}
