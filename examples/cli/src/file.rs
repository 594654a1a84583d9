//! Report files: written beside and renamed, so that no reader sees half a report.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Writes a file whole: beside it first, then renamed over it; who may read it stays as it was. What is not a regular
/// file (a pipe, a device) is written to as it stands, and a symbolic link keeps pointing where it does.
///
/// # Errors
///
/// What the file system or `fill` says; then the old file is as it was.
pub fn write(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let found = fs::metadata(&path).ok();
    if found.as_ref().is_some_and(|found| !found.is_file()) {
        let mut out = BufWriter::new(File::options().write(true).open(&path)?);
        fill(&mut out)?;
        return out.flush();
    }
    let part = Part(beside(&path)?);
    let file = File::create_new(&part.0)?;
    if let Some(found) = found {
        file.set_permissions(found.permissions())?;
    }
    let mut out = BufWriter::new(file);
    fill(&mut out)?;
    out.flush()?;
    fs::rename(&part.0, &path)
}

/// Whether a file can be written there, found out before the work is done.
///
/// # Errors
///
/// What would keep it from being written.
pub fn check(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Err(io::Error::from(io::ErrorKind::IsADirectory)),
        Ok(found) if !found.is_file() => Ok(()),
        _ => {
            let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
            let part = Part(beside(&path)?);
            File::create_new(&part.0).map(drop)
        }
    }
}

/// The place that a path names, however it is written: two paths with the same one are the same file.
#[must_use]
pub fn place(path: &Path) -> PathBuf {
    let in_folder = || {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = fs::canonicalize(folder.unwrap_or(Path::new("."))).ok()?;
        Some(folder.join(path.file_name()?))
    };
    fs::canonicalize(path).ok().or_else(in_folder).unwrap_or_else(|| path.to_owned())
}

/// A file that is removed if it is still there at the end.
struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn beside(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut part = std::ffi::OsString::from(".");
    part.push(name);
    part.push(format!(".{}.part", std::process::id()));
    Ok(path.with_file_name(part))
}
