//! Which URL is which path: pure, no file is looked at.

use crawlspace::{Identity, Refusal};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str};
use std::path::{Component, Path, PathBuf};
use url::Url;

/// The site's address, and how its URLs name files.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// An identity whose path ends in a slash.
    base: Url,
    portable_names: bool,
}

/// What a URL asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// A path below the folder; empty for the folder itself.
    Path {
        /// Relative, of normal components only.
        path: PathBuf,
        /// Whether the URL ends in a slash, so that only a folder can answer.
        slash: bool,
    },
    /// A name that no file can have, or that would mean something else to the file system.
    Nothing,
}

impl Layout {
    /// `None` if the base cannot be a site's address: only `http` and `https` without user information, query and
    /// fragment. A missing final slash is added.
    pub(crate) fn new(base: &Url) -> Option<Self> {
        let plain = matches!(base.scheme(), "http" | "https")
            && base.username().is_empty()
            && base.password().is_none()
            && base.query().is_none()
            && base.fragment().is_none();
        let mut base = Identity::of(base).to_url().ok().filter(|_| plain)?;
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        Some(Self { base, portable_names: cfg!(windows) })
    }

    pub(crate) fn with_portable_names(self, portable_names: bool) -> Self {
        Self { portable_names, ..self }
    }

    pub(crate) fn has_portable_names(&self) -> bool {
        self.portable_names
    }

    pub(crate) fn base(&self) -> &Url {
        &self.base
    }

    pub(crate) fn is_same_origin(&self, url: &Url) -> bool {
        url.origin() == self.base.origin()
    }

    /// What a URL asks for.
    ///
    /// # Errors
    ///
    /// Why the URL is not of this site.
    pub(crate) fn wanted(&self, url: &Url) -> Result<Wanted, Refusal> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refusal::Scheme);
        }
        if !self.is_same_origin(url) {
            return Err(Refusal::Offline);
        }
        // The base without its slash is the folder without its slash.
        let rest = match url.path().strip_prefix(self.base.path()) {
            Some(rest) => rest,
            None if self.base.path().strip_suffix('/') == Some(url.path()) => {
                return Ok(Wanted::Path { path: PathBuf::new(), slash: false });
            }
            None => return Err(Refusal::Offline),
        };
        let mut path = PathBuf::new();
        for part in rest.split('/').filter(|part| !part.is_empty()) {
            match self.file_name(part) {
                Some(name) => path.push(name),
                None => return Ok(Wanted::Nothing),
            }
        }
        Ok(Wanted::Path { path, slash: rest.is_empty() || rest.ends_with('/') })
    }

    /// The URL of a file, given by its path below the folder; `None` if no URL names it.
    pub(crate) fn url_of(&self, file: &Path) -> Option<Url> {
        let mut parts = Vec::new();
        for component in file.components() {
            match component {
                Component::Normal(name) => parts.push(encode(name)?),
                Component::CurDir => {}
                Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
            }
        }
        let mut url = self.base.clone();
        url.set_path(&[self.base.path(), &parts.join("/")].concat());
        let url = Identity::of(&url).to_url().ok()?;
        matches!(self.wanted(&url), Ok(Wanted::Path { .. })).then_some(url)
    }

    /// One part of a path, decoded once; `None` if it can be no name of a file, so that nothing but a plain name
    /// ever reaches the file system.
    fn file_name(&self, part: &str) -> Option<PathBuf> {
        let name: Vec<u8> = percent_decode_str(part).collect();
        let special = matches!(name.as_slice(), b"" | b"." | b"..");
        if special || name.iter().any(|byte| matches!(byte, 0 | b'/' | b'\\')) {
            return None;
        }
        if self.portable_names && !is_portable(&name) {
            return None;
        }
        let name = PathBuf::from(os_string(name)?);
        // The platform has the last word on what is one plain name.
        let mut components = name.components();
        let plain = matches!(components.next(), Some(Component::Normal(only)) if only == name.as_os_str());
        (plain && components.next().is_none()).then_some(name)
    }
}

/// Whether Windows takes this for the name of a file, and nothing else: no stream or drive (`:`), no wild card, no
/// control character, no final dot or space, which it drops, and no device, whatever its case and extension.
fn is_portable(name: &[u8]) -> bool {
    let Ok(name) = core::str::from_utf8(name) else { return false };
    if name.ends_with(['.', ' ']) || name.contains(|c: char| c < ' ' || "<>:\"|?*".contains(c)) {
        return false;
    }
    let stem = name.split('.').next().unwrap_or(name).trim_end().to_ascii_uppercase();
    let numbered = ["COM", "LPT"].iter().filter_map(|device| stem.strip_prefix(device)).any(|rest| {
        let mut digits = rest.chars();
        matches!((digits.next(), digits.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
    });
    !numbered && !matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$")
}

/// What must be encoded in a path segment (URL standard, "path percent-encode set"), and what would otherwise end
/// the segment or be decoded.
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'}');

#[cfg(unix)]
fn os_string(name: Vec<u8>) -> Option<std::ffi::OsString> {
    Some(std::os::unix::ffi::OsStringExt::from_vec(name))
}

#[cfg(not(unix))]
fn os_string(name: Vec<u8>) -> Option<std::ffi::OsString> {
    String::from_utf8(name).ok().map(Into::into)
}

#[cfg(unix)]
fn encode(name: &std::ffi::OsStr) -> Option<String> {
    let bytes = std::os::unix::ffi::OsStrExt::as_bytes(name);
    Some(percent_encoding::percent_encode(bytes, SEGMENT).to_string())
}

#[cfg(not(unix))]
fn encode(name: &std::ffi::OsStr) -> Option<String> {
    Some(percent_encoding::utf8_percent_encode(name.to_str()?, SEGMENT).to_string())
}
