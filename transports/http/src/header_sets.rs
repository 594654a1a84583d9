//! Configured header fields: secrets, bound to the origins they are meant for.

use core::fmt;
use crawlspace::{HeaderSetId, Request};
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use std::collections::BTreeMap;
use url::{Origin, Position, Url};

/// Configured header fields by id, each set bound to origins.
///
/// The engine asks for a set only where it is bound to the origin; the binding is checked here once more, so that a
/// request from a queue cannot carry a field elsewhere. An origin is scheme, host and port, compared exactly: neither
/// a sub-domain, another port nor the same host over plain HTTP is the same origin.
///
/// `Debug` shows names, never values.
///
/// ```
/// use crawlspace::HeaderSetId;
/// use crawlspace_http::{HeaderSets, parse_field};
///
/// let mut sets = HeaderSets::new();
/// let fields = [parse_field("X-Api-Key: s3cret")?].into_iter().collect();
/// sets.add(HeaderSetId(1), vec!["https://example.com".to_owned()], fields)?;
/// assert!(!format!("{sets:?}").contains("s3cret"));
/// # Ok::<(), crawlspace_http::HeaderError>(())
/// ```
#[derive(Clone, Default)]
pub struct HeaderSets {
    sets: BTreeMap<u16, Set>,
}

#[derive(Clone)]
struct Set {
    origins: Vec<Origin>,
    fields: HeaderMap,
}

impl HeaderSets {
    /// No sets at all.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the set `id`, to be sent to these origins only (such as `https://example.com` or
    /// `http://127.0.0.1:8080`). A set that was added before under the same id is replaced.
    ///
    /// # Errors
    ///
    /// [`HeaderError`], if `id` is [`HeaderSetId::NONE`], a text is not an origin, there is no origin, or a field is
    /// one that the transport must set by itself (what frames the message or names its peer, and the content codings
    /// it can undo). Then nothing is added.
    pub fn add(
        &mut self,
        id: HeaderSetId,
        origins: Vec<String>,
        mut fields: HeaderMap,
    ) -> Result<(), HeaderError> {
        if id == HeaderSetId::NONE {
            return Err(HeaderError::NoId);
        }
        if origins.is_empty() {
            return Err(HeaderError::NoOrigin);
        }
        if let Some(name) = fields.keys().find(|name| RESERVED.contains(name)) {
            return Err(HeaderError::Reserved(name.clone()));
        }
        let origins = origins.into_iter().map(parse_origin).collect::<Result<_, _>>()?;
        for value in fields.values_mut() {
            value.set_sensitive(true);
        }
        self.sets.insert(id.0, Set { origins, fields });
        Ok(())
    }

    /// The fields that may be sent with this request.
    pub(crate) fn for_request(&self, request: &Request) -> Option<&HeaderMap> {
        let set = self.sets.get(&request.headers.0)?;
        set.origins.contains(&request.url.origin()).then_some(&set.fields)
    }
}

impl fmt::Debug for HeaderSets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (id, set) in &self.sets {
            let origins: Vec<_> = set.origins.iter().map(Origin::ascii_serialization).collect();
            let names: Vec<_> = set.fields.keys().map(HeaderName::as_str).collect();
            map.entry(id, &(origins, names));
        }
        map.finish()
    }
}

/// Reads one `Name: value` line, as given on a command line or in a configuration.
///
/// # Errors
///
/// [`HeaderError::Field`], if there is no colon, the name is not a token, or the value holds a line break or another
/// control character (RFC 9110 section 5.5). The error names the field, never the value, which may be a secret.
pub fn parse_field(line: &str) -> Result<(HeaderName, HeaderValue), HeaderError> {
    let Some((name, value)) = line.split_once(':') else {
        return Err(HeaderError::NoColon);
    };
    let name = name.trim();
    let error = |problem| HeaderError::Field { name: name.escape_debug().to_string(), problem };
    let field = HeaderName::from_bytes(name.as_bytes()).map_err(|_| error("its name is not a token"))?;
    let value = value.trim_matches([' ', '\t']);
    if value.contains(['\r', '\n']) {
        return Err(error("its value holds a line break"));
    }
    let mut value =
        HeaderValue::from_str(value).map_err(|_| error("its value holds a character that cannot be sent"))?;
    value.set_sensitive(true);
    Ok((field, value))
}

/// Fields that frame the message, name the peer or say what the decoder can undo.
const RESERVED: [HeaderName; 10] = [
    header::ACCEPT_ENCODING,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::EXPECT,
    header::HOST,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

fn parse_origin(text: String) -> Result<Origin, HeaderError> {
    let url = Url::parse(&text).map_err(|_| HeaderError::Origin(text.clone()))?;
    let bare = matches!(&url[Position::BeforePath..], "" | "/")
        && url.username().is_empty()
        && url.password().is_none()
        && matches!(url.scheme(), "http" | "https");
    if bare { Ok(url.origin()) } else { Err(HeaderError::Origin(text)) }
}

/// Why configured headers were refused. Never holds a value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeaderError {
    /// The line has no colon.
    NoColon,
    /// The field cannot be sent.
    Field {
        /// The field's name, escaped.
        name: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A field that the transport sets by itself.
    Reserved(HeaderName),
    /// This is not an origin.
    Origin(String),
    /// The set is bound to no origin.
    NoOrigin,
    /// The id is [`HeaderSetId::NONE`], which means that nothing is sent.
    NoId,
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoColon => f.write_str("a header is written \"Name: value\", and this one has no colon"),
            Self::Field { name, problem } => write!(f, "the header \"{name}\" cannot be sent: {problem}"),
            Self::Reserved(name) => {
                write!(f, "the header \"{name}\" cannot be configured: the transport sets it")
            }
            Self::Origin(text) => write!(
                f,
                "{text:?} is not an origin: give scheme, host and port alone, such as \"https://example.com\""
            ),
            Self::NoOrigin => {
                f.write_str("configured headers need at least one origin that they may be sent to")
            }
            Self::NoId => f.write_str("header set 0 stands for no headers: number sets from 1"),
        }
    }
}

impl core::error::Error for HeaderError {}
