//! The own configuration: the command line's options in TOML, in kebab case.

use super::Layer;
use super::options::Options;
use crate::error::{Error, instead_of};
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
            let others = "\"crawlspace check --help\" lists the options";
            return Err(error.way_out(instead_of(key.get_ref(), known.iter().map(String::as_str), others)));
        }
    }
    let options: Options = toml::from_str(text).map_err(|error| wrong(name, text, &error))?;
    let options = options.settled().map_err(|error| error.within(name))?;
    Ok(Layer { options, ..Layer::default() })
}

/// The parser's own words, but not the line it stands at: that may hold a secret.
fn wrong(name: &str, text: &str, error: &toml::de::Error) -> Error {
    let what = plainly(&error.message().replace('\n', ", "));
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

/// What the parser says of a value of the wrong kind, without the names of Rust's kinds.
fn plainly(message: &str) -> String {
    let kinds = ["invalid type: ", "invalid value: "];
    let wrong = kinds.iter().find_map(|kind| message.strip_prefix(kind)?.rsplit_once(", expected "));
    let Some((found, expected)) = wrong else { return message.to_owned() };
    let found = match found {
        "sequence" => "a list",
        "map" => "a table",
        _ => found.find(['`', '"']).map_or(found, |at| found[at..].trim_matches('`')),
    };
    let expected = match expected {
        "u32" => "a whole number from 0 to 4294967295",
        "u64" => "a whole number, 0 or more",
        "a boolean" => "true or false",
        "a string" => "a text",
        _ => expected,
    };
    format!("{found} is given, but it must be {expected}")
}

/// Counted from 1.
fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}
