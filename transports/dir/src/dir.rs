//! One fetch, answered from the folder.

use crate::builder::{Builder, OpenError, Site};
use crate::folder::{Denial, Kind as Standing};
use crate::layout::Wanted;
use crate::media::media_type;
use core::fmt;
use crawlspace::digest::{Appetite, Head};
use crawlspace::{Failure, Kind, Local, Outcome, Phase, Refusal, Request, Spec};
use crawlspace_http::{Exchange, Taps, Times};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use http::{HeaderMap, HeaderValue, StatusCode};
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;
use url::Url;

/// Bytes read at a time.
const CHUNK: usize = 64 * 1024;

/// A folder of files as a site. Cloning is cheap: clones share one open folder.
///
/// Any number of threads may fetch at once; each holds one open file and one chunk of it.
#[derive(Clone)]
pub struct Dir {
    site: Arc<Site>,
    spec: Arc<Spec>,
    taps: Option<Arc<dyn Taps>>,
}

/// What the folder has to say to a request.
enum Answer {
    File { file: File, length: u64, media: &'static str },
    Moved(Url),
    Missing,
    Forbidden,
}

impl Dir {
    /// Opens a folder, to be set up and built.
    ///
    /// # Errors
    ///
    /// [`OpenError`] if it does not exist, may not be read, or is not a folder.
    pub fn open(root: impl AsRef<Path>) -> Result<Builder, OpenError> {
        Builder::open(root.as_ref())
    }

    pub(crate) fn new(site: Site, spec: Arc<Spec>, taps: Option<Arc<dyn Taps>>) -> Self {
        Self { site: Arc::new(site), spec, taps }
    }

    /// Shows this one's exchanges to these taps, in place of those it was built with.
    #[must_use]
    pub fn with_taps(self, taps: Arc<dyn Taps>) -> Self {
        Self { taps: Some(taps), ..self }
    }

    /// The site's address: where to begin a crawl of all of it.
    #[must_use]
    pub fn base_url(&self) -> &Url {
        self.site.layout.base()
    }

    /// The folder, as an absolute path without symbolic links.
    #[must_use]
    pub fn root(&self) -> &Path {
        self.site.folder.root()
    }

    /// The URL of a file, given by its path relative to the folder, whether it exists or not; `None` if that leads
    /// out of the folder, or no URL names it: a backslash in a name, or on Windows one that is not Unicode.
    #[must_use]
    pub fn url_of(&self, file: impl AsRef<Path>) -> Option<Url> {
        self.site.layout.url_of(file.as_ref())
    }

    /// The file that answers for a URL, relative to the folder; `None` if none does.
    #[must_use]
    pub fn file_of(&self, url: &Url) -> Option<PathBuf> {
        match self.site.layout.wanted(url) {
            Ok(Wanted::Path { path, slash }) => match self.find(path, slash) {
                Ok(Found::File(path)) => Some(path),
                Ok(Found::Folder) | Err(_) => None,
            },
            Ok(Wanted::Nothing) | Err(_) => None,
        }
    }

    /// Carries out one fetch; blocks for as long as reading the file takes.
    ///
    /// Fails with [`Refusal::Offline`] for a URL of another site, with [`Failure::Truncated`] if the file is cut
    /// short while it is read, with [`Phase::Body`] timed out if the budget is spent, and with [`Local`] if the
    /// machine gives out. All else is an answer.
    #[must_use]
    pub fn fetch(&self, request: &Request) -> Outcome {
        let begun = Instant::now();
        let tap = self.taps.as_ref().and_then(|taps| taps.open(request));
        let mut exchange = Exchange::new(request, &self.spec, tap);
        let read = self.answer(request).and_then(|answer| {
            let appetite = exchange.head(answer.head())?;
            let first_byte = begun.elapsed();
            if let (Appetite::More, Answer::File { file, length, .. }) = (appetite, answer) {
                pour(file, length, &mut exchange, || begun.elapsed() < request.budget)?;
            }
            Ok(Times { first_byte, total: begun.elapsed() })
        });
        match read {
            Ok(times) => exchange.finish(times),
            Err(failure) => exchange.fail(failure),
        }
    }

    fn answer(&self, request: &Request) -> Result<Answer, Failure> {
        let (path, slash) = match self.site.layout.wanted(&request.url) {
            Ok(Wanted::Path { path, slash }) => (path, slash),
            Ok(Wanted::Nothing) => return Ok(Answer::Missing),
            // Rules for robots stand at the origin's root: beside the folder, but the site is all here.
            Err(Refusal::Offline)
                if request.kind == Kind::Robots && self.site.layout.is_same_origin(&request.url) =>
            {
                return Ok(Answer::Missing);
            }
            Err(refusal) => return Err(Failure::Refused(refusal)),
        };
        let found = self.find(path, slash).and_then(|found| match found {
            Found::File(path) => {
                let (file, length) = self.site.folder.read(&path)?;
                Ok(Answer::File { file, length, media: media_type(&path) })
            }
            Found::Folder => Ok(Answer::Moved(with_slash(&request.url))),
        });
        match found {
            Ok(answer) => Ok(answer),
            Err(Denial::Missing) => Ok(Answer::Missing),
            Err(Denial::Forbidden) => Ok(Answer::Forbidden),
            Err(Denial::Failed(failure)) => Err(failure),
        }
    }

    /// The file that answers for a path, if one does.
    fn find(&self, path: PathBuf, slash: bool) -> Result<Found, Denial> {
        let folder = &self.site.folder;
        let standing = folder.kind(&path);
        if slash {
            return match standing? {
                Standing::Folder => self.find_index(&path),
                Standing::File => Err(Denial::Missing),
            };
        }
        if standing == Ok(Standing::File) {
            return Ok(Found::File(path));
        }
        if self.site.clean_urls
            && let Some(name) = path.file_name()
        {
            let mut name = name.to_owned();
            name.push(".html");
            let page = path.with_file_name(name);
            if folder.kind(&page) == Ok(Standing::File) {
                return Ok(Found::File(page));
            }
        }
        standing.map(|_| Found::Folder)
    }

    fn find_index(&self, path: &Path) -> Result<Found, Denial> {
        for index in &self.site.index {
            let page = path.join(index);
            match self.site.folder.kind(&page) {
                Ok(Standing::File) => return Ok(Found::File(page)),
                Ok(Standing::Folder) | Err(Denial::Missing) => {}
                Err(denial) => return Err(denial),
            }
        }
        Err(Denial::Missing)
    }
}

impl fmt::Debug for Dir {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dir")
            .field("site", &self.site)
            .field("taps", &self.taps.is_some())
            .finish_non_exhaustive()
    }
}

enum Found {
    File(PathBuf),
    /// There is a folder, which the URL names without its slash.
    Folder,
}

impl Answer {
    fn head(&self) -> Head {
        let mut headers = HeaderMap::new();
        let (status, length) = match self {
            Self::File { length, media, .. } => {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
                (StatusCode::OK, *length)
            }
            Self::Moved(url) => {
                // A serialised URL is ASCII without control characters, which is always a field value.
                if let Ok(location) = HeaderValue::from_str(url.as_str()) {
                    headers.insert(LOCATION, location);
                }
                (StatusCode::MOVED_PERMANENTLY, 0)
            }
            Self::Missing => (StatusCode::NOT_FOUND, 0),
            Self::Forbidden => (StatusCode::FORBIDDEN, 0),
        };
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        Head { status, headers }
    }
}

/// Absolute, since a path that begins with two slashes would be taken for a host's name.
fn with_slash(url: &Url) -> Url {
    let mut url = url.clone();
    url.set_path(&format!("{}/", url.path()));
    url
}

/// Reads a file chunk by chunk, for as long as there is appetite and time.
fn pour(mut file: File, length: u64, into: &mut Exchange, in_time: impl Fn() -> bool) -> Result<(), Failure> {
    let size = |bytes: u64| usize::try_from(bytes).map_or(CHUNK, |bytes| bytes.min(CHUNK));
    let mut buffer = vec![0; size(length)];
    let mut left = length;
    while left > 0 {
        if !in_time() {
            return Err(Failure::Timeout(Phase::Body));
        }
        let chunk = read_some(&mut file, &mut buffer[..size(left)])?;
        left -= chunk.len() as u64;
        if into.chunk(chunk)? == Appetite::Enough {
            break;
        }
    }
    Ok(())
}

/// The next bytes of a file, at least one.
fn read_some<'a>(file: &mut File, buffer: &'a mut [u8]) -> Result<&'a [u8], Failure> {
    loop {
        match file.read(buffer) {
            Ok(0) => return Err(Failure::Truncated),
            Ok(read) => return Ok(&buffer[..read]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return Err(Failure::Local(Local::File)),
        }
    }
}
