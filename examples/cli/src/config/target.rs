//! Targets: what the user wants checked, and the site that a folder stands for.

use crate::error::Error;
use crate::exit::Exit;
use crawlspace::DigestLimits;
use crawlspace_dir::{DEFAULT_BASE, Dir};
use std::fs;
use std::path::{Path, PathBuf};
use url::Url;

/// One thing to check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A site, from this URL on.
    Url(Url),
    /// A folder, as a site.
    Folder(PathBuf),
    /// An HTML or Markdown file: its own links.
    File(PathBuf),
}

impl Target {
    /// Reads a target as it was given.
    ///
    /// # Errors
    ///
    /// If it is neither a URL that can be asked for, nor a folder or file that is there.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if let Some(url) = as_url(text)? {
            return Ok(Self::Url(url));
        }
        let path = fs::canonicalize(text).map_err(|error| missing(&named(text), &error))?;
        if path.is_dir() {
            return Ok(Self::Folder(path));
        }
        if is_document(&path) {
            return Ok(Self::File(path));
        }
        Err(Error::new(format!("{text}: not an HTML or Markdown file")).way_out(
            "a target is a URL, a folder, or a file named .html, .htm, .xhtml, .xht, .md or .markdown",
        ))
    }
}

fn as_url(text: &str) -> Result<Option<Url>, Error> {
    let url = match Url::parse(text) {
        Ok(url) => url,
        Err(_) if !text.contains("://") => return Ok(None),
        Err(why) => {
            return Err(Error::new(format!("{}: not a valid URL: {why}", named(text)))
                .way_out("a URL looks like https://example.com/path"));
        }
    };
    match url.scheme() {
        "http" | "https" if !url.username().is_empty() || url.password().is_some() => {
            let mut shown = url;
            let _ = shown.set_username("");
            let _ = shown.set_password(None);
            Err(Error::new(format!("{shown}: was given with a user name or password in it"))
                .way_out("send them with --header 'Authorization: Basic …' instead"))
        }
        "http" | "https" => {
            let (length, most) = (url.as_str().len(), DigestLimits::default().url_bytes);
            if length > most as usize {
                return Err(Error::new(format!(
                    "{}: the URL is {length} bytes long, and the most is {most}",
                    named(text)
                ))
                .way_out("give a shorter one; links that are as long are invalid-url in a report"));
            }
            Ok(Some(url))
        }
        scheme if text.starts_with(&format!("{scheme}://")) => {
            Err(Error::new(format!("{}: {scheme} is not a scheme that can be checked", named(text))).way_out(
                match url.to_file_path() {
                    Ok(path) => format!("write the path alone: {}", path.display()),
                    Err(()) => "a target is an http or https URL, a folder or an HTML file".to_owned(),
                },
            ))
        }
        // Such as "host:8080", or a file with a colon in its name.
        _ => Ok(None),
    }
}

/// A target or address in a message: without user name and password, which may be secrets, and not without end.
fn named(text: &str) -> String {
    const SHOWN: usize = 120;
    let (scheme, rest) = text.find("://").map_or(("", text), |at| text.split_at(at + 3));
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    // Without a scheme, a colon tells a password from an @ in a file's name.
    let secret = rest[..end].rfind('@').filter(|at| !scheme.is_empty() || rest[..*at].contains(':'));
    let rest = secret.map_or(rest, |at| &rest[at + 1..]);
    match rest.char_indices().nth(SHOWN) {
        Some((cut, _)) => format!("{scheme}{}…", &rest[..cut]),
        None => format!("{scheme}{rest}"),
    }
}

fn missing(text: &str, error: &std::io::Error) -> Error {
    let looks_like_host = text.split(['/', ':']).next().is_some_and(|host| {
        host == "localhost" || host.contains('.') && !host.starts_with('.') && !host.ends_with('.')
    });
    if text.is_empty() {
        return Error::new("a target is empty")
            .way_out("a target is a URL (https://example.com/), a folder or an HTML file");
    }
    if error.kind() == std::io::ErrorKind::NotFound {
        let error = Error::new(format!("{text}: no such folder or file, and not a URL"));
        return if looks_like_host && !is_document(Path::new(text)) {
            error.way_out(format!("a URL has a scheme: https://{text}"))
        } else {
            error.way_out("a target is a URL (https://example.com/), a folder or an HTML file")
        };
    }
    Error::new(format!("{text}: {error}"))
}

/// The local site of a run: a folder, and the URL that stands for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The folder, as an absolute path without symbolic links.
    pub root: PathBuf,
    /// The folder as the user would name it.
    pub name: PathBuf,
    /// Its URL; the path ends with a slash.
    pub base: Url,
}

impl Site {
    /// The site that holds all local targets; `None` if there are none.
    ///
    /// A folder is the site. Files alone are in the working directory if all are below it and no address is given,
    /// else in the innermost folder that holds all of them.
    ///
    /// # Errors
    ///
    /// If there are two folders, a file outside of the folder, or an address that is not a folder's.
    pub fn of(targets: &[Target], base_url: Option<&str>) -> Result<Option<Self>, Error> {
        let mut root: Option<&Path> = None;
        for target in targets {
            if let Target::Folder(folder) = target {
                if let Some(other) = root.filter(|other| other != folder) {
                    return Err(Error::new(format!(
                        "{} and {} are two folders, which would be two sites",
                        shown(other),
                        shown(folder)
                    ))
                    .way_out("check one folder at a time, or the folder above both"));
                }
                root = Some(folder);
            }
        }
        let files: Vec<&Path> = targets
            .iter()
            .filter_map(|target| match target {
                Target::File(file) => Some(file.as_path()),
                Target::Url(_) | Target::Folder(_) => None,
            })
            .collect();
        let root = match (root, files.as_slice()) {
            (Some(root), files) => {
                if let Some(file) = files.iter().find(|file| !file.starts_with(root)) {
                    return Err(Error::new(format!("{} is not in the folder {}", shown(file), shown(root)))
                        .way_out("check it in a run of its own"));
                }
                root.to_owned()
            }
            (None, []) => {
                return match base_url {
                    None => Ok(None),
                    Some(url) => {
                        Err(Error::new(format!("--base-url {} is given, but no folder or file", named(url)))
                            .way_out("it says where a folder will be published; a URL target needs none"))
                    }
                };
            }
            (None, files) => root_of(files, base_url.is_some()),
        };
        let base = base_url.map_or_else(|| parse_base(DEFAULT_BASE), parse_base)?;
        Ok(Some(Self { name: from_here(&root), root, base }))
    }

    /// The folder, ready to be set up for answering.
    ///
    /// # Errors
    ///
    /// If it cannot be opened.
    pub fn open(&self) -> Result<crawlspace_dir::Builder, Error> {
        Dir::open(&self.root)
            .and_then(|folder| folder.base_url(&self.base))
            .map_err(|error| Error::new(error.to_string()))
    }

    /// Whether no address is given, and it stands at one that is made up.
    #[must_use]
    pub fn is_nowhere(&self) -> bool {
        self.base.as_str() == DEFAULT_BASE
    }

    /// Where a check of the whole folder begins: its address, or if no index file would answer there, all of its
    /// HTML and Markdown files. Folders below that cannot be read are noted.
    ///
    /// # Errors
    ///
    /// If the folder cannot be read, or holds no HTML or Markdown file.
    pub fn entrances(&self, notes: &mut Vec<String>) -> Result<Vec<Url>, Error> {
        if INDEX_FILES.iter().any(|name| self.root.join(name).is_file()) {
            return Ok(vec![self.base.clone()]);
        }
        let folder = self.open()?;
        let mut urls = Vec::new();
        let mut folders = vec![self.root.clone()];
        while let Some(path) = folders.pop() {
            let entries = match fs::read_dir(&path).and_then(Iterator::collect::<Result<Vec<_>, _>>) {
                Ok(entries) => entries,
                Err(error) if path == self.root => {
                    return Err(Error::new(format!("{}: cannot be read: {error}", shown(&path))));
                }
                Err(error) => {
                    notes.push(format!(
                        "{}: cannot be read: {error}\n  its pages are not checked, unless others link to them",
                        shown(&path)
                    ));
                    continue;
                }
            };
            for entry in entries {
                let Ok(kind) = entry.file_type() else { continue };
                let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
                if kind.is_dir() && !is_hidden {
                    folders.push(entry.path());
                } else if kind.is_file() && !is_hidden && is_document(&entry.path()) {
                    urls.extend(
                        entry.path().strip_prefix(&self.root).ok().and_then(|file| folder.url_of(file)),
                    );
                }
            }
        }
        if urls.is_empty() {
            return Err(Error::new(format!("{}: holds no HTML or Markdown file", shown(&self.root)))
                .way_out("give the folder that the site's pages are in")
                .ending(Exit::Nothing));
        }
        urls.sort();
        Ok(urls)
    }

    /// The URL of a file below the root.
    ///
    /// # Errors
    ///
    /// If no URL can name it.
    pub fn url_of(&self, file: &Path) -> Result<Url, Error> {
        let below = file.strip_prefix(&self.root).unwrap_or(file);
        self.open()?.url_of(below).ok_or_else(|| {
            Error::new(format!("{}: no URL can name this file", shown(file)))
                .way_out("rename it, or check its folder")
        })
    }
}

/// What answers for the folder itself.
const INDEX_FILES: [&str; 2] = ["index.html", "index.htm"];

fn is_document(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
    ["html", "htm", "xhtml", "xht", "md", "markdown"].iter().any(|known| extension == *known)
}

/// A path as seen from the working directory, if it is below that.
fn from_here(path: &Path) -> PathBuf {
    let below = here().and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned));
    below.unwrap_or_else(|| path.to_owned())
}

/// A path in a message.
fn shown(path: &Path) -> String {
    let name = from_here(path);
    if name.as_os_str().is_empty() { ".".to_owned() } else { name.display().to_string() }
}

fn here() -> Option<PathBuf> {
    std::env::current_dir().and_then(fs::canonicalize).ok()
}

fn root_of(files: &[&Path], has_address: bool) -> PathBuf {
    let above = |folder: &Path| files.iter().all(|file| file.starts_with(folder));
    if !has_address && let Some(here) = here().filter(|here| above(here)) {
        return here;
    }
    let parents = files.first().into_iter().flat_map(|file| file.ancestors().skip(1));
    parents.map(Path::to_owned).find(|folder| above(folder)).unwrap_or_default()
}

fn parse_base(text: &str) -> Result<Url, Error> {
    let wrong = |why: &str| {
        Error::new(format!("--base-url {}: {why}", named(text)))
            .way_out("it is the http or https URL of the folder, such as https://example.com/docs/")
    };
    let mut url = Url::parse(text).map_err(|_| wrong("not a valid URL"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("not an http or https URL"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("holds a user name or password"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("has a query or a fragment"));
    }
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}
