//! Which codings a head names.

use super::stage::Stage;
use super::{MAX_STACKED, brotli::Brotli, deflate::Deflate, deflate::Gzip, zstd::Zstd};
use crawlspace::{Encoding, Failure};
use http::HeaderMap;
use http::header::CONTENT_ENCODING;

/// A content coding (RFC 9110 section 8.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

impl Coding {
    /// Knows `identity` as no coding at all.
    fn named(name: &str) -> Option<Result<Self, Failure>> {
        const NAMES: [(&str, Coding); 5] = [
            ("gzip", Coding::Gzip),
            ("x-gzip", Coding::Gzip),
            ("deflate", Coding::Deflate),
            ("br", Coding::Brotli),
            ("zstd", Coding::Zstd),
        ];
        if name.is_empty() || name.eq_ignore_ascii_case("identity") {
            return None;
        }
        let known = NAMES.iter().find(|(known, _)| name.eq_ignore_ascii_case(known));
        Some(known.map(|(_, coding)| *coding).ok_or(Failure::Encoding(Encoding::Unsupported)))
    }

    pub(super) fn stage(self) -> Stage {
        match self {
            Self::Gzip => Stage::new(Box::new(Gzip::new())),
            Self::Deflate => Stage::new(Box::new(Deflate::new())),
            Self::Brotli => Stage::new(Box::new(Brotli::new())),
            Self::Zstd => Stage::new(Box::new(Zstd::new())),
        }
    }
}

/// The codings to undo, in the order of undoing: the field lists them in the order in which they were applied.
pub(super) fn of_head(headers: &HeaderMap) -> Result<Vec<Coding>, Failure> {
    let mut names = Vec::new();
    for value in headers.get_all(CONTENT_ENCODING) {
        let text = value.to_str().map_err(|_| Failure::Encoding(Encoding::Unsupported))?;
        let codings = text.split(',').filter_map(|name| Coding::named(name.trim()));
        // One more than is allowed tells that there are too many.
        names.extend(codings.take(MAX_STACKED + 1));
        if names.len() > MAX_STACKED {
            return Err(Failure::Encoding(Encoding::Stacked));
        }
    }
    names.into_iter().rev().collect()
}
