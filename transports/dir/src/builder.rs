//! How a folder becomes a site.

use crate::dir::Dir;
use crate::folder::Folder;
use crate::layout::Layout;
use core::fmt;
use crawlspace::Spec;
use crawlspace_http::Taps;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use url::Url;

/// The address of a site that was given none: `.invalid` never resolves (RFC 6761 section 6.4), so that no link can
/// lead there by chance.
pub const DEFAULT_BASE: &str = "http://site.invalid/";

/// Settings of a [`Dir`]; from [`Dir::open`].
pub struct Builder {
    site: Site,
    taps: Option<Arc<dyn Taps>>,
}

/// A folder, and how it is read as a site.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) folder: Folder,
    pub(crate) layout: Layout,
    pub(crate) index: Vec<PathBuf>,
    pub(crate) clean_urls: bool,
}

impl Builder {
    pub(crate) fn open(root: &Path) -> Result<Self, OpenError> {
        let folder = Folder::open(root).map_err(|error| match error.kind() {
            io::ErrorKind::NotADirectory => OpenError::NotAFolder(root.to_owned()),
            _ => OpenError::Unreadable(root.to_owned(), error),
        })?;
        let layout = Url::parse(DEFAULT_BASE).ok().as_ref().and_then(Layout::new);
        let layout = layout.ok_or_else(|| OpenError::BaseUrl(DEFAULT_BASE.to_owned()))?;
        let index = ["index.html", "index.htm"].map(PathBuf::from).to_vec();
        Ok(Self { site: Site { folder, layout, index, clean_urls: false }, taps: None })
    }

    /// The site's address: links to it resolve to files. With a path, such as `https://example.org/docs/`, the
    /// folder stands there, and nothing is known of the rest. By default [`DEFAULT_BASE`].
    ///
    /// # Errors
    ///
    /// [`OpenError::BaseUrl`] if it is not `http` or `https`, or has user information, a query or a fragment.
    pub fn base_url(mut self, url: &Url) -> Result<Self, OpenError> {
        let layout = Layout::new(url).ok_or_else(|| OpenError::BaseUrl(url.to_string()))?;
        self.site.layout = layout.with_portable_names(self.site.layout.has_portable_names());
        Ok(self)
    }

    /// Which files answer for a folder, in order of preference. By default `index.html`, `index.htm`.
    ///
    /// # Errors
    ///
    /// [`OpenError::IndexName`] for one that is not a plain file name.
    pub fn index_files<S: AsRef<str>>(
        mut self,
        names: impl IntoIterator<Item = S>,
    ) -> Result<Self, OpenError> {
        self.site.index.clear();
        for name in names {
            let name = name.as_ref();
            let mut components = Path::new(name).components();
            let plain = matches!((components.next(), components.next()), (Some(Component::Normal(only)), None) if only == name);
            if !plain {
                return Err(OpenError::IndexName(name.to_owned()));
            }
            self.site.index.push(PathBuf::from(name));
        }
        Ok(self)
    }

    /// Whether `/about` is answered by `about.html` where there is no file `about`, even if there is a folder of that
    /// name. By default not.
    #[must_use]
    pub fn clean_urls(mut self, clean_urls: bool) -> Self {
        self.site.clean_urls = clean_urls;
        self
    }

    /// Whether names that Windows cannot have, or takes for a device, a drive or a stream (`con.html`, `a:b`,
    /// `x.`), name nothing. By default on Windows only, where they would be opened as something else.
    #[must_use]
    pub fn portable_names(mut self, portable_names: bool) -> Self {
        self.site.layout = self.site.layout.with_portable_names(portable_names);
        self
    }

    /// Who looks on as files are read: what a tap sees of an exchange is what a server would have sent, without a
    /// content coding.
    #[must_use]
    pub fn taps(mut self, taps: Arc<dyn Taps>) -> Self {
        self.taps = Some(taps);
        self
    }

    /// The URL of a file; see [`Dir::url_of`]. Seeds are wanted before there is an engine, and so a spec.
    #[must_use]
    pub fn url_of(&self, file: impl AsRef<Path>) -> Option<Url> {
        self.site.layout.url_of(file.as_ref())
    }

    /// The site, digesting by the engine's [`Spec`].
    #[must_use]
    pub fn build(self, spec: Arc<Spec>) -> Dir {
        Dir::new(self.site, spec, self.taps)
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("site", &self.site).field("taps", &self.taps.is_some()).finish()
    }
}

/// Why a folder cannot be a site.
#[derive(Debug)]
#[non_exhaustive]
pub enum OpenError {
    /// It does not exist, or may not be read.
    Unreadable(PathBuf, io::Error),
    /// It is something else.
    NotAFolder(PathBuf),
    /// The base URL cannot be a site's address.
    BaseUrl(String),
    /// The name of an index file is a path.
    IndexName(String),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(path, error) => write!(f, "cannot open the folder {}: {error}", path.display()),
            Self::NotAFolder(path) => {
                write!(f, "{} is not a folder; give the folder that holds it", path.display())
            }
            Self::BaseUrl(url) => write!(
                f,
                "{url} cannot be a site's address: give an http or https URL without user name, query and fragment"
            ),
            Self::IndexName(name) => {
                write!(f, "{name:?} cannot be an index file: give a plain file name, such as index.html")
            }
        }
    }
}

impl core::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Unreadable(_, error) => Some(error),
            Self::NotAFolder(_) | Self::BaseUrl(_) | Self::IndexName(_) => None,
        }
    }
}
