//! What is wrong with a command line, a configuration or a file, and the way out.

use crate::exit::Exit;
use std::fmt;

/// An error that ends a run before or after the crawl: what is wrong, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    what: String,
    way_out: Option<String>,
    exit: Exit,
}

impl Error {
    /// Names the input and what is wrong with it.
    #[must_use]
    pub fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), way_out: None, exit: Exit::Usage }
    }

    /// Names the file that it was found in.
    #[must_use]
    pub fn within(mut self, file: &str) -> Self {
        self.what = format!("{file}: {}", self.what);
        self
    }

    /// Ends the run with this, instead of [`Exit::Usage`].
    #[must_use]
    pub fn ending(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    /// How the run ends.
    #[must_use]
    pub const fn exit(&self) -> Exit {
        self.exit
    }

    /// Adds the way out.
    #[must_use]
    pub fn way_out(mut self, hint: impl Into<String>) -> Self {
        self.way_out = Some(hint.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        match &self.way_out {
            Some(hint) => write!(f, "\n  {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

/// From here on a name is taken for another one mistyped.
const ALIKE: f64 = 0.7;

/// The name most like a mistyped one, if any is like it at all.
#[must_use]
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    most_like(name, known).filter(|(likeness, _)| *likeness >= ALIKE).map(|(_, nearest)| nearest)
}

/// The way out for who gave an unknown name: the nearest one, and where it is hardly meant, `others` too.
#[must_use]
pub fn instead_of<'a>(name: &str, known: impl IntoIterator<Item = &'a str>, others: &str) -> String {
    match most_like(name, known) {
        Some((likeness, nearest)) if likeness >= ALIKE => format!("did you mean \"{nearest}\"?"),
        Some((_, nearest)) => format!("the nearest is \"{nearest}\"; {others}"),
        None => others.to_owned(),
    }
}

fn most_like<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<(f64, &'a str)> {
    let plain = |text: &str| text.to_lowercase().replace('_', "-");
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&plain(name), &plain(candidate)), candidate))
        .max_by(|a, b| a.0.total_cmp(&b.0))
}
