//! Who records.

use super::output::{Output, Written};
use super::pack::{Packer, spool};
use super::recording::{Exchange, Recording};
use crate::error::{Error, Problem};
use core::fmt;
use crawlspace::{Request, Seed, Spec};
use crawlspace_http::{HeaderSets, Tap, Taps, request_fields};
use http::HeaderMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// Writes what a crawl asks, and what it is told, to WARC files. Give it to a transport as its
/// [`Taps`]; clones write to the same files, from any number of threads.
///
/// With the first error of the disk recording ends, the records that are there stay whole, and
/// [`Recorder::trouble`] tells: look at it while the crawl runs, since an archive with gaps is of little use.
#[derive(Clone)]
pub struct Recorder(Arc<Inner>);

struct Inner {
    spec: Arc<Spec>,
    header_sets: HeaderSets,
    keep_secrets: bool,
    /// Where bodies wait that are too large to be held.
    folder: PathBuf,
    gzip: bool,
    output: Mutex<Output>,
    packers: Mutex<Vec<Packer>>,
    trouble: OnceLock<Error>,
}

impl Recorder {
    /// Begins to set up the recording of a crawl by this specification, to this file: `.gz` at its end has every
    /// record compressed, as is usual.
    pub fn builder(path: impl Into<PathBuf>, spec: Arc<Spec>) -> Builder {
        let (path, about) = (path.into(), about(&spec));
        let goes_on = false;
        Builder {
            path,
            spec,
            header_sets: HeaderSets::new(),
            keep_secrets: false,
            full: None,
            goes_on,
            about,
        }
    }

    /// Why recording has ended before the crawl; `None` as long as all is well. As cheap as reading a number.
    #[must_use]
    pub fn trouble(&self) -> Option<&Error> {
        self.0.trouble.get()
    }

    /// Sees to it that all is on the disk, and says what was recorded. Exchanges that end later are recorded still.
    ///
    /// # Errors
    ///
    /// As the operating system says; or what [`Recorder::trouble`] tells, in words.
    pub fn finish(&self) -> Result<Written, Error> {
        if let Some(error) = self.trouble() {
            let problem = Problem::Io(std::io::Error::other(error.problem().to_string()));
            return Err(Error::new(error.path(), problem));
        }
        self.output().finish()
    }

    /// The files that were there before, in order, if it [goes on](Builder::go_on) with them.
    #[must_use]
    pub fn earlier(&self) -> Vec<PathBuf> {
        self.output().earlier().to_vec()
    }

    pub(super) fn keeps_secrets(&self) -> bool {
        self.0.keep_secrets
    }

    pub(super) fn folder(&self) -> &Path {
        &self.0.folder
    }

    /// The fields that are sent with a request, as far as it depends on the configuration.
    pub(super) fn fields(&self, request: &Request) -> HeaderMap {
        request_fields(request, &self.0.spec, &self.0.header_sets)
    }

    /// Writes one exchange. Compressing is done before the others are kept from writing.
    pub(super) fn write(&self, exchange: Exchange) {
        let mut packer = lock(&self.0.packers).pop().unwrap_or_else(|| Packer::new(self.0.gzip));
        let mut records = spool(&self.0.folder);
        let packed = exchange.pack(&mut packer, &mut records);
        lock(&self.0.packers).push(packer);
        match packed {
            Ok(()) if self.trouble().is_none() => {
                let appended = self.output().append(&mut records);
                if let Err(error) = appended {
                    self.fail(error);
                }
            }
            Ok(()) => {}
            Err(error) => self.fail(Error::new(&self.0.folder, Problem::Io(error))),
        }
    }

    /// The first one counts.
    pub(super) fn fail(&self, error: Error) {
        let _ = self.0.trouble.set(error);
    }

    fn output(&self) -> MutexGuard<'_, Output> {
        lock(&self.0.output)
    }
}

impl Taps for Recorder {
    fn open(&self, request: &Request) -> Option<Box<dyn Tap>> {
        self.trouble().is_none().then(|| Box::new(Recording::new(self.clone(), request)) as Box<dyn Tap>)
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder")
            .field("keep_secrets", &self.0.keep_secrets)
            .field("trouble", &self.0.trouble)
            .finish_non_exhaustive()
    }
}

/// What is behind a poisoned lock is whole: writing ends with the first error, and a compressor is reset.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Settings of a [`Recorder`]; from [`Recorder::builder`].
#[must_use = "nothing is written before `create`"]
pub struct Builder {
    path: PathBuf,
    spec: Arc<Spec>,
    header_sets: HeaderSets,
    keep_secrets: bool,
    full: Option<u64>,
    goes_on: bool,
    about: String,
}

impl Builder {
    /// The configured fields that the transport sends, so that the requests recorded show them; their values are
    /// redacted. None by default.
    pub fn header_sets(self, sets: HeaderSets) -> Self {
        Self { header_sets: sets, ..self }
    }

    /// Whether configured fields, `Authorization`, `Cookie`, `Proxy-Authorization` and `Set-Cookie` are written with
    /// their values, and URLs with their user information. By default `REDACTED` stands in their place.
    ///
    /// What a server repeats of them in a body is recorded either way.
    pub fn keep_secrets(self, keep: bool) -> Self {
        Self { keep_secrets: keep, ..self }
    }

    /// How many bytes a file may have at most before the next one is begun (`crawl-00001.warc.gz` after
    /// `crawl.warc.gz`); a single exchange may have more. `None`, the default: one file.
    pub fn max_file_bytes(self, bytes: Option<u64>) -> Self {
        Self { full: bytes, ..self }
    }

    /// Whether it goes on with the recording of a crawl that was interrupted: if there is a file of that name, the first
    /// one is made that is not there (`crawl-00001.warc.gz` after `crawl.warc.gz`). A replay needs all of them, the
    /// [earlier](Recorder::earlier) ones first. By default a file that is there is an error.
    ///
    /// The earlier files are not touched, so what was recorded stays. The last of them may end within a record, if
    /// the crawl was killed; a reader leaves that out, and the crawl asks for it again.
    pub fn go_on(self, goes_on: bool) -> Self {
        Self { goes_on, ..self }
    }

    /// A URL that the crawl begins with, for whoever replays it.
    pub fn seed(mut self, url: &url::Url) -> Self {
        let target = super::redact::target(url, self.keep_secrets);
        self.about.push_str(&format!("{}: {target}\r\n", crate::SEED_FIELD));
        self
    }

    /// What the crawl draws from: what it asks may depend on it, so whoever replays it draws from the same.
    pub fn draws(mut self, from: Seed) -> Self {
        self.about.push_str(&format!("{}: {}\r\n", crate::DRAWS_FIELD, from.0));
        self
    }

    /// Makes the file and writes its first record.
    ///
    /// # Errors
    ///
    /// [`Problem::Exists`] if there is a file of that name, unless it [goes on](Builder::go_on), and [`Problem::Io`] as the operating system says.
    pub fn create(self) -> Result<Recorder, Error> {
        let output = Output::create(&self.path, self.full, self.about, self.goes_on)?;
        let folder = match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        Ok(Recorder(Arc::new(Inner {
            spec: self.spec,
            header_sets: self.header_sets,
            keep_secrets: self.keep_secrets,
            folder,
            gzip: output.is_gzip(),
            output: Mutex::new(output),
            packers: Mutex::default(),
            trouble: OnceLock::new(),
        })))
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("path", &self.path).field("full", &self.full).finish_non_exhaustive()
    }
}

/// What each file says of itself (WARC 1.1 section 6.2 and annex B).
fn about(spec: &Spec) -> String {
    let agent = spec.user_agent.replace(char::is_control, " ");
    format!(
        "software: crawlspace/{}\r\nformat: WARC File Format 1.1\r\nconformsTo: \
         http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n\
         http-header-user-agent: {agent}\r\n",
        env!("CARGO_PKG_VERSION")
    )
}
