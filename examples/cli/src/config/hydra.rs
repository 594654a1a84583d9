//! Hydra's configuration: a JSON object of seven optional keys, read strictly.

use super::Layer;
use super::options::Options;
use super::value::{Accept, Regex, Span};
use crate::error::{Error, instead_of, nearest};
use crawlspace::Pattern;
use crawlspace::digest::{Place, PlaceSet};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;
use std::time::Duration;

const KEYS: [&str; 7] =
    ["OK", "attrs", "tags", "exclude_scheme_prefixes", "threads", "timeout", "graceful_exit"];

/// What Hydra reads where a file names only tags, or only attributes.
const DEFAULT_ATTRIBUTES: [&str; 2] = ["href", "src"];
const DEFAULT_TAGS: [&str; 4] = ["a", "link", "img", "script"];

pub(super) fn parse(name: &str, text: &str) -> Result<Layer, Error> {
    let Object { values, repeated } = serde_json::from_str(text).map_err(|error| {
        Error::new(format!("{name}: not a JSON object: {error}"))
            .way_out("a .json configuration is Hydra's; the own format is TOML, in a file named .toml")
    })?;
    if let Some(key) = values.keys().find(|key| !KEYS.contains(&key.as_str())) {
        let error = Error::new(format!("{name}: there is no key {key:?} in Hydra's configuration"));
        return Err(error.way_out(instead_of(key, KEYS, &format!("its keys are {}", KEYS.join(", ")))));
    }
    if let Some(key) = repeated {
        let error = Error::new(format!("{name}: \"{key}\" is given twice"));
        return Err(error.way_out("keep the one that is to count"));
    }
    let file = File { name, values };
    let mut layer =
        Layer { graceful_exit: file.get("graceful_exit", "true or false", yes_or_no)?, ..Layer::default() };
    layer.options = Options {
        accept: file.list("OK", "status codes from 100 to 999", status)?.map(accepting),
        concurrency: file.get("threads", "a whole number from 1 to 65536", threads)?,
        timeout: file.get("timeout", "a number of seconds from 0.001 to 31622400", seconds)?.map(Span),
        ..Options::default()
    };
    let texts = |key| file.list(key, "texts", |value| value.as_str().map(str::to_owned));
    for prefix in texts("exclude_scheme_prefixes")?.unwrap_or_default() {
        if let Some(what) = odd(&prefix) {
            layer.notes.push(format!(
                "{name}: exclude_scheme_prefixes: {prefix:?} excludes {what}: prefixes are compared with whole \
                 URLs, which begin with a scheme"
            ));
        }
        let pattern = Pattern::new(&format!("^{}", regex::escape(&prefix)))
            .map_err(|error| file.wrong("exclude_scheme_prefixes", error.to_string()))?;
        layer.options.exclude.push(Regex(pattern));
    }
    let (tags, attributes) = (texts("tags")?, texts("attrs")?);
    if tags.is_some() || attributes.is_some() {
        let or = |given: Option<Vec<String>>, default: &[&str]| {
            given.unwrap_or_else(|| default.iter().copied().map(str::to_owned).collect())
        };
        let (tags, attributes) = (or(tags, &DEFAULT_TAGS), or(attributes, &DEFAULT_ATTRIBUTES));
        note_unknown(&mut layer.notes, name, "tags", &tags, element);
        note_unknown(&mut layer.notes, name, "attrs", &attributes, Place::attribute);
        layer.places = Some(places(&tags, &attributes));
    }
    Ok(layer)
}

/// A JSON object, and a key that stands in it more than once.
struct Object {
    values: Map<String, Value>,
    repeated: Option<String>,
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<Object, A::Error> {
                let mut object = Object { values: Map::new(), repeated: None };
                while let Some((key, value)) = pairs.next_entry::<String, Value>()? {
                    if object.values.insert(key.clone(), value).is_some() {
                        object.repeated.get_or_insert(key);
                    }
                }
                Ok(object)
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

struct File<'a> {
    name: &'a str,
    values: Map<String, Value>,
}

impl File<'_> {
    fn get<T>(&self, key: &str, must: &str, read: impl Fn(&Value) -> Option<T>) -> Result<Option<T>, Error> {
        let Some(value) = self.values.get(key) else { return Ok(None) };
        match read(value) {
            Some(value) => Ok(Some(value)),
            None => Err(self.wrong(key, format!("is {value}, but must be {must}"))),
        }
    }

    fn list<T>(
        &self,
        key: &str,
        must: &str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Option<Vec<T>>, Error> {
        let whole = format!("a list of {must}");
        let Some(list) = self.get(key, &whole, |value| value.as_array().cloned())? else { return Ok(None) };
        let read = |value: &Value| {
            read(value).ok_or_else(|| self.wrong(key, format!("holds {value}, but must be a list of {must}")))
        };
        list.iter().map(read).collect::<Result<_, _>>().map(Some)
    }

    fn wrong(&self, key: &str, why: impl AsRef<str>) -> Error {
        Error::new(format!("{}: \"{key}\" {}", self.name, why.as_ref()))
    }
}

/// Hydra's own example gives the text "True". Any other text counts as true there too, "False" included, which nobody
/// means.
fn yes_or_no(value: &Value) -> Option<bool> {
    match value.as_str() {
        Some("True" | "true") => Some(true),
        _ => value.as_bool(),
    }
}

fn status(value: &Value) -> Option<u16> {
    value.as_u64().and_then(|code| u16::try_from(code).ok()).filter(|code| (100..=999).contains(code))
}

fn threads(value: &Value) -> Option<u32> {
    value.as_u64().and_then(|count| u32::try_from(count).ok()).filter(|count| (1..=65_536).contains(count))
}

fn seconds(value: &Value) -> Option<Duration> {
    let seconds = value.as_f64().filter(|seconds| (0.001..=31_622_400.0).contains(seconds))?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// Any 2xx is a success to Hydra, whatever `OK` holds.
fn accepting(codes: Vec<u16>) -> Accept {
    Accept((200..=299).chain(codes).collect())
}

/// What a prefix excludes that cannot be what its author means. `tel` will do for `tel:`; but a text with a dot and no
/// colon is a host's name, although a scheme's could hold a dot too.
fn odd(prefix: &str) -> Option<&'static str> {
    if prefix.is_empty() {
        return Some("everything");
    }
    let (scheme, may_follow) = match prefix.split_once(':') {
        Some((scheme, _)) => (scheme, "+-."),
        None => (prefix, "+-"),
    };
    let begins = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
    let goes_on = scheme.chars().all(|c| c.is_ascii_alphanumeric() || may_follow.contains(c));
    (!begins || !goes_on).then_some("nothing")
}

/// The element's name as Hydra knows it: SVG's elements are not told apart.
fn element(place: Place) -> &'static str {
    let name = place.element();
    name.strip_prefix("svg:").unwrap_or(name)
}

fn places(tags: &[String], attributes: &[String]) -> PlaceSet {
    let named = |names: &[String], name: &str| names.iter().any(|given| given.eq_ignore_ascii_case(name));
    Place::all()
        .filter(|place| {
            *place == Place::SEED || named(tags, element(*place)) && named(attributes, place.attribute())
        })
        .fold(PlaceSet::EMPTY, PlaceSet::with)
}

/// Says which names hold no link that is known here; Hydra would look at any.
fn note_unknown(
    notes: &mut Vec<String>,
    file: &str,
    key: &str,
    names: &[String],
    of: impl Fn(Place) -> &'static str,
) {
    for name in names {
        if Place::all().all(|place| !of(place).eq_ignore_ascii_case(name)) {
            let hint = nearest(name, Place::all().map(&of).filter(|known| !known.is_empty()))
                .map(|nearest| format!("; did you mean \"{nearest}\"?"))
                .unwrap_or_default();
            notes.push(format!("{file}: {key}: {name:?} is not known to hold links and is left out{hint}"));
        }
    }
}
