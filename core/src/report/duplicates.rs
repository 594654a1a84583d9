//! Ids that several elements of a document have.

use super::Report;
use super::finding::UrlText;
use crate::digest::DuplicateId;

/// An id that several elements of a page have, where links to it lead to the first one only (HTML section 3.2.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct DuplicateIds<'a> {
    /// The page.
    pub page: UrlText<'a>,
    /// The id; of a very long one, the beginning.
    pub id: &'a str,
    /// The lines of the elements, counted from 1, ascending.
    pub lines: &'a [u32],
}

impl<'a> Report<'a> {
    /// The ids that several elements of a page in scope have, by page and first line, if the crawl was to
    /// [look](crate::config::Builder::duplicate_ids) for them.
    pub fn duplicate_ids(&self) -> impl Iterator<Item = DuplicateIds<'a>> + use<'a> {
        let engine = self.engine;
        let pages: Vec<_> = self.pages.iter().map(|&page| engine.pages()[page].url).collect();
        pages.into_iter().flat_map(move |page| {
            let row = move |DuplicateId { id, lines }: &'a DuplicateId| DuplicateIds {
                page: engine.url(page),
                id,
                lines,
            };
            engine.duplicate_ids(page).iter().map(row)
        })
    }
}
