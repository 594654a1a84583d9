//! Rows with their referrers, a bounded number of links at a time.

use super::Report;
use super::finding::{Finding, Hop, Referrer};
use super::verdict::{Verdict, Walk, message};
use crate::engine::UrlId;
use crate::engine::edges::Edge;
use crate::store::TextId;

/// How many links are held at once; more takes another pass over all of them.
const BATCH: usize = 1 << 20;

const NO_SLOT: u32 = u32::MAX;

/// Gives the rows of a list of keys in order. Referrers are collected for a batch of rows at a time, in one pass
/// over all pages in order of identity, which leaves each row's referrers sorted.
pub(super) struct Rows<'r, 'a> {
    report: &'r Report<'a>,
    keys: Vec<(UrlId, Option<TextId>, Verdict)>,
    next: usize,
    /// Rows before this one have their referrers at hand.
    filled: usize,
    /// For each URL, which bucket holds its referrers.
    slots: Vec<u32>,
    /// For each bucket, where it ends.
    ends: Vec<usize>,
    /// Page and link, bucket by bucket.
    edges: Vec<(u32, Edge)>,
}

impl<'r, 'a> Rows<'r, 'a> {
    pub(super) fn new(report: &'r Report<'a>, keys: Vec<(UrlId, Option<TextId>, Verdict)>) -> Self {
        let slots = vec![NO_SLOT; report.in_degree.len()];
        Self { report, keys, next: 0, filled: 0, slots, ends: Vec::new(), edges: Vec::new() }
    }

    fn fill(&mut self) {
        self.slots.fill(NO_SLOT);
        self.ends.clear();
        self.edges.clear();
        let mut starts: Vec<usize> = Vec::new();
        let mut total = 0;
        while let Some((id, ..)) = self.keys.get(self.filled) {
            let slot = &mut self.slots[id.0 as usize];
            if *slot == NO_SLOT {
                let size = self.report.in_degree[id.0 as usize] as usize;
                if total > 0 && total + size > BATCH {
                    break;
                }
                // No more buckets than URLs.
                *slot = starts.len() as u32;
                starts.push(total);
                total += size;
            }
            self.filled += 1;
        }
        let engine = self.report.engine;
        let mut at = starts;
        let empty = (0, Edge::NONE);
        self.edges.resize(total, empty);
        for &page in &self.report.pages {
            for edge in engine.pages()[page].edges() {
                let slot = self.slots[edge.target.0 as usize];
                if slot != NO_SLOT {
                    let place = &mut at[slot as usize];
                    self.edges[*place] = (page, edge);
                    *place += 1;
                }
            }
        }
        self.ends = at;
    }

    fn row(&self, index: usize) -> Finding<'a> {
        let (id, fragment, ref verdict) = self.keys[index];
        let engine = self.report.engine;
        let walk = Walk::from(engine, id);
        // A redirect's own fragment is the one that was looked up.
        let judged = fragment.map(|fragment| walk.fragment.unwrap_or(fragment));
        let fragment_text = fragment.map(|fragment| engine.text(fragment));
        let hops = walk
            .hops
            .iter()
            .map(|&hop| Hop { url: engine.url(hop), status: engine.status(hop).unwrap_or(0) });
        Finding {
            url: engine.url(id),
            fragment: fragment_text,
            class: verdict.class,
            severity: verdict.severity,
            in_scope: engine.is_in_scope(id),
            status: engine.status(walk.end),
            final_url: engine.url(walk.end),
            redirects: hops.collect(),
            message: message(engine, verdict.class, &walk, judged.map(|fragment| engine.text(fragment))),
            skip: engine.skip_of(walk.end),
            referrers: self.referrers(id, fragment),
        }
    }

    fn referrers(&self, id: UrlId, fragment: Option<TextId>) -> Vec<Referrer<'a>> {
        let slot = self.slots[id.0 as usize] as usize;
        let start = if slot == 0 { 0 } else { self.ends[slot - 1] };
        let engine = self.report.engine;
        self.edges[start..self.ends[slot]]
            .iter()
            .filter(|(_, edge)| fragment.is_none() || edge.fragment == fragment)
            .map(|(page, edge)| Referrer {
                page: engine.url(engine.pages()[*page].url),
                line: edge.line,
                column: edge.column,
                place: edge.place,
                text: engine.text(edge.text),
                spelling: edge.spelling.map(|text| engine.text(text)),
            })
            .collect()
    }
}

impl<'a> Iterator for Rows<'_, 'a> {
    type Item = Finding<'a>;

    fn next(&mut self) -> Option<Finding<'a>> {
        if self.next == self.keys.len() {
            return None;
        }
        if self.next == self.filled {
            self.fill();
        }
        self.next += 1;
        Some(self.row(self.next - 1))
    }
}
