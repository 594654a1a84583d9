//! Values of options, written alike on the command line and in a configuration file.

use crate::error::Error;
use crate::format::Format;
use crawlspace::report::Rule;
use crawlspace::{Pattern, StatusSet};
use http::header::{HeaderName, HeaderValue, USER_AGENT};
use serde::de::{Deserialize, Deserializer, Error as _, SeqAccess, Visitor};
use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// A length of time: a plain number is seconds; `500ms`, `30s`, `2m` and `1h` do too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span(pub Duration);

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad =
            || format!("\"{text}\" is no length of time; write seconds (30, 0.5) or 500ms, 30s, 2m, 1h");
        let text = text.trim();
        let digits = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let seconds = match unit {
            "ms" => 0.001,
            "" | "s" => 1.0,
            "m" | "min" => 60.0,
            "h" => 3_600.0,
            _ => return Err(bad()),
        };
        let number = number.trim_end();
        if !number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
            return Err(bad());
        }
        let number: f64 = number.parse().map_err(|_| bad())?;
        Duration::try_from_secs_f64(number * seconds).map(Self).map_err(|_| bad())
    }
}

/// Reads a whole number of an unsigned kind. The standard library's own error does not say what one looks like.
pub(super) fn whole<T: FromStr>(text: &str) -> Result<T, String> {
    let most = u64::MAX >> (u64::BITS as usize - 8 * size_of::<T>());
    text.parse().map_err(|_| format!("it must be a whole number from 0 to {most}"))
}

/// Which transport carries out the fetches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// Blocking HTTP/1.1 on a pool of threads.
    Ureq,
    /// Asynchronous HTTP/1.1 and HTTP/2.
    #[default]
    Hyper,
}

impl FromStr for Transport {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "ureq" => Ok(Self::Ureq),
            "hyper" => Ok(Self::Hyper),
            _ => Err(format!("\"{name}\" is no transport; transports are hyper and ureq")),
        }
    }
}

/// Status codes that count as working.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accept(pub StatusSet);

impl FromStr for Accept {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map(Self).map_err(|error: crawlspace::ConfigError| error.to_string())
    }
}

/// A regular expression on URLs.
#[derive(Clone, Debug)]
pub struct Regex(pub Pattern);

impl FromStr for Regex {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Pattern::new(text).map(Self).map_err(|error| error.to_string())
    }
}

/// A rule of how bad a finding is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeverityRule(pub Rule);

impl FromStr for SeverityRule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map(Self).map_err(|error: crawlspace::report::RuleError| error.to_string())
    }
}

/// A header field to send: `Name: value`. It may hold a secret, so it is taken as it is, and read where no message
/// and no `Debug` shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct HeaderLine(String);

impl HeaderLine {
    /// Reads the line. No error repeats the value.
    ///
    /// # Errors
    ///
    /// If it is not a header field that can be sent.
    pub fn read(&self) -> Result<(HeaderName, HeaderValue), Error> {
        let (name, value) = crawlspace_http::parse_field(&self.0)
            .map_err(|error| Error::new(format!("--header: {error}")))?;
        if name == USER_AGENT {
            return Err(Error::new("--header: User-Agent is given by --user-agent"));
        }
        Ok((name, value))
    }
}

impl fmt::Debug for HeaderLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HeaderLine(..)")
    }
}

impl FromStr for HeaderLine {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

/// A report in a file: `FORMAT=FILE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// How it is written.
    pub format: Format,
    /// Where.
    pub path: PathBuf,
}

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((_, "" | "-")) => Err(format!("\"{text}\" names no file; --format says what is printed")),
            Some((format, path)) => Ok(Self { format: format.parse()?, path: path.into() }),
            None => Err(format!("\"{text}\" is not FORMAT=FILE, such as json=report.json")),
        }
    }
}

macro_rules! deserialize_from_text {
    ($($type:ty: $expected:literal),* $(,)?) => {$(
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(Text($expected))?.parse().map_err(D::Error::custom)
            }
        }
    )*};
}

deserialize_from_text! {
    Span: "a length of time, such as 30 (seconds), 0.5 or \"500ms\"",
    Transport: "\"hyper\" or \"ureq\"",
    Regex: "a regular expression",
    Output: "a report in a file, such as \"json=report.json\"",
    Format: "a format's name",
}

impl<'de> Deserialize<'de> for Accept {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let parts = deserializer.deserialize_any(TextOrList("status codes, such as \"200..=299,999\""))?;
        parts.join(",").parse().map_err(D::Error::custom)
    }
}

/// One value, or a list of them.
pub(super) fn one_or_many<'de, T: FromStr<Err: fmt::Display>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    let parts = deserializer.deserialize_any(TextOrList("a text or a list of texts"))?;
    parts.iter().map(|part| part.parse().map_err(D::Error::custom)).collect()
}

/// A WARC file to answer from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveFile(pub PathBuf);

impl FromStr for ArchiveFile {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(PathBuf::from(text)))
    }
}

/// Reads a number as the text it would be on the command line.
struct Text(&'static str);

impl Visitor<'_> for Text {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<String, E> {
        Ok(number.to_string())
    }
}

struct TextOrList(&'static str);

impl<'de> Visitor<'de> for TextOrList {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Vec<String>, E> {
        Ok(vec![text.to_owned()])
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Vec<String>, E> {
        Ok(vec![number.to_string()])
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Vec<String>, E> {
        Ok(vec![number.to_string()])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<String>, A::Error> {
        struct Part(String);
        impl<'de> Deserialize<'de> for Part {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(Text("a text")).map(Self)
            }
        }
        let mut parts = Vec::new();
        while let Some(Part(part)) = list.next_element()? {
            parts.push(part);
        }
        Ok(parts)
    }
}
