//! The own configuration: the command line's options in TOML, in kebab case.

use super::Layer;
use super::options::Options;
use crate::error::{Error, nearest};
use std::collections::BTreeMap;
use toml::Spanned;

pub(super) fn parse(name: &str, text: &str) -> Result<Layer, Error> {
    let keys: BTreeMap<Spanned<String>, toml::Value> =
        toml::from_str(text).map_err(|error| wrong(name, text, &error))?;
    let known = Options::names();
    for key in keys.keys() {
        if !known.iter().any(|name| name == key.get_ref()) {
            let line = line_of(text, key.span().start);
            let error = Error::new(format!("{name}:{line}: there is no option \"{}\"", key.get_ref()));
            return Err(match nearest(key.get_ref(), known.iter().map(String::as_str)) {
                Some(nearest) => error.way_out(format!("did you mean \"{nearest}\"?")),
                None => error.way_out("\"crawlspace check --help\" lists the options"),
            });
        }
    }
    let options: Options = toml::from_str(text).map_err(|error| wrong(name, text, &error))?;
    let options = options.settled().map_err(|error| error.within(name))?;
    Ok(Layer { options, ..Layer::default() })
}

/// The parser's own words, but not the line it stands at: that may hold a secret.
fn wrong(name: &str, text: &str, error: &toml::de::Error) -> Error {
    let what = error.message().replace('\n', ", ");
    let place = match error.span() {
        Some(span) => {
            let line = line_of(text, span.start);
            let key =
                text.lines().nth(line - 1).and_then(|line| line.split_once('=')).map(|(key, _)| key.trim());
            let is_plain = |key: &&str| key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            match key.filter(is_plain) {
                Some(key) => format!("{name}:{line}: {key}"),
                None => format!("{name}:{line}"),
            }
        }
        None => name.to_owned(),
    };
    Error::new(format!("{place}: {what}"))
        .way_out("the keys are the options of \"crawlspace check --help\" without their dashes")
}

/// Counted from 1.
fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}
