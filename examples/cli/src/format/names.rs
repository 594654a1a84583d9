//! What URLs are called in the report for people: a folder's pages by their files.

use super::Inert;
use crawlspace::report::{Finding, UrlText};
use crawlspace_dir::Dir;
use std::path::PathBuf;
use url::Url;

/// A folder that was checked as a site.
#[derive(Clone, Debug)]
pub struct Folder {
    /// What answered for it.
    pub site: Dir,
    /// How the user names it.
    pub name: PathBuf,
    /// Whether its address is made up, so that it tells nobody anything.
    pub is_nowhere: bool,
}

/// Names things for people, harmless for a terminal.
pub(super) struct Names<'a> {
    folder: Option<&'a Folder>,
    /// The origin that is not worth showing.
    nowhere: Option<String>,
}

impl<'a> Names<'a> {
    pub(super) fn new(folder: Option<&'a Folder>) -> Self {
        let nowhere = folder.filter(|folder| folder.is_nowhere);
        let nowhere = nowhere.map(|folder| folder.site.base_url().origin().ascii_serialization());
        Self { folder, nowhere }
    }

    /// What a finding is about: the URL with its fragment.
    pub(super) fn target(&self, finding: &Finding<'_>) -> String {
        let url = self.url(finding.url);
        match finding.fragment {
            Some(fragment) => format!("{url}#{}", Inert(fragment)),
            None => url,
        }
    }

    /// A URL; only its path, if its origin is made up.
    pub(super) fn url(&self, url: UrlText<'_>) -> String {
        if self.nowhere.as_deref() == Some(url.origin) {
            return Inert(url.rest).to_string();
        }
        Inert(url).to_string()
    }

    /// A page: its file, if it has one.
    pub(super) fn page(&self, url: UrlText<'_>) -> String {
        let file = self.folder.and_then(|folder| {
            let url = Url::parse(&url.to_string()).ok()?;
            folder.site.file_of(&url).map(|file| folder.name.join(file))
        });
        match file {
            Some(file) => Inert(file.display()).to_string(),
            None => self.url(url),
        }
    }

    /// A message, which may hold URLs.
    pub(super) fn message(&self, text: &str) -> String {
        match &self.nowhere {
            Some(nowhere) => Inert(text.replace(nowhere, "")).to_string(),
            None => Inert(text).to_string(),
        }
    }
}
