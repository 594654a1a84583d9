//! The own configuration: the command line's options in TOML, in kebab case.

use super::Layer;
use super::options::Options;
use crate::error::{Error, nearest};
use std::collections::BTreeMap;
use toml::Spanned;

pub(super) fn parse(name: &str, text: &str) -> Result<Layer, Error> {
    let syntax = |error: toml::de::Error| {
        Error::new(format!("{name}: {}", error.to_string().trim_end()))
            .way_out("the keys are the options of \"crawlspace check --help\" without their dashes")
    };
    let keys: BTreeMap<Spanned<String>, toml::Value> = toml::from_str(text).map_err(syntax)?;
    let known = Options::names();
    for key in keys.keys() {
        if !known.iter().any(|name| name == key.get_ref()) {
            let line = text[..key.span().start].matches('\n').count() + 1;
            let error = Error::new(format!("{name}:{line}: there is no option \"{}\"", key.get_ref()));
            return Err(match nearest(key.get_ref(), known.iter().map(String::as_str)) {
                Some(nearest) => error.way_out(format!("did you mean \"{nearest}\"?")),
                None => error.way_out("\"crawlspace check --help\" lists the options"),
            });
        }
    }
    let options: Options = toml::from_str(text).map_err(syntax)?;
    let options = options.settled().map_err(|error| error.within(name))?;
    Ok(Layer { options, ..Layer::default() })
}
