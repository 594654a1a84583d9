//! The report: a view of the engine, judged on the finished graph and streamed in canonical order.
//!
//! Nothing in it depends on the order in which answers came: redirects are walked, fragments looked up and
//! referrers collected when the report is made, from what is stored of each URL.

mod class;
mod duplicates;
mod finding;
mod fragment;
mod hint;
mod rows;
mod rules;
mod sitemaps;
mod skip;
mod summary;
mod text_fragment;
mod verdict;

pub use class::{Class, Severity, UnknownClass};
pub use duplicates::DuplicateIds;
pub use finding::{Finding, Hop, Referrer, UrlText};
pub use rules::{Rule, RuleError, Rules};
pub use skip::Skip;
pub use summary::{HostStatistics, Statistics, Summary};

use crate::digest::Role;
use crate::engine::{Engine, UrlId};
use crate::store::TextId;
use rows::Rows;
use std::collections::BTreeMap;
use verdict::{Verdict, Walk};

/// A view of what a crawl has found. Making it takes one pass over all links.
///
/// While a crawl is going on, the view is of what is known so far, and URLs whose turn has not come are
/// [skipped](Skip::Limit).
#[derive(Debug)]
pub struct Report<'a> {
    engine: &'a Engine,
    rules: Rules,
    /// Documents whose links count, in order of identity.
    pages: Vec<u32>,
    /// How many links lead to each URL.
    in_degree: Vec<u32>,
    /// Distinct link targets whose fragment is dead.
    dead_fragments: Vec<(UrlId, TextId)>,
}

impl<'a> Report<'a> {
    pub(crate) fn new(engine: &'a Engine) -> Self {
        let mut pages: Vec<u32> = (0..)
            .zip(engine.pages().iter())
            .filter(|(_, page)| page.spread_at.is_some())
            .map(|(number, _)| number)
            .collect();
        let text = |number: &u32| engine.url(engine.pages()[*number].url);
        pages.sort_by(|a, b| text(a).cmp(&text(b)).then(a.cmp(b)));
        let mut in_degree = vec![0_u32; engine.url_count()];
        let mut fragments = Vec::new();
        for &page in &pages {
            for edge in engine.pages()[page].edges() {
                let count = &mut in_degree[edge.target.0 as usize];
                *count = count.saturating_add(1);
                // What is only recorded (`usemap`) names something else than a place in the document.
                if let Some(fragment) = edge.fragment.filter(|_| edge.role != Role::Recorded) {
                    fragments.push((edge.target, fragment));
                }
            }
        }
        fragments.extend(engine.aims());
        fragments.sort_unstable();
        fragments.dedup();
        fragments.retain(|(target, fragment)| is_dead(engine, *target, *fragment));
        Self { engine, rules: Rules::default(), pages, in_degree, dead_fragments: fragments }
    }

    /// The report under these rules, in place of those it had; at first it has none.
    #[must_use]
    pub fn with_rules(mut self, rules: Rules) -> Self {
        self.rules = rules;
        self
    }

    /// The rules that severities are decided by, beside the defaults.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The totals that do not depend on timing.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let mut classes = BTreeMap::new();
        let mut severities = [0_u64; 4];
        for (_, _, verdict) in self.verdicts() {
            *classes.entry(verdict.class).or_default() += 1;
            if verdict.class != Class::Ok {
                severities[verdict.severity as usize] += 1;
            }
        }
        let [ignored, infos, warnings, errors] = severities;
        Summary {
            checked: self.engine.url_ids().filter(|id| self.engine.is_checked(*id)).count() as u64,
            pages: self.pages.iter().filter(|page| self.engine.pages()[**page].media.has_ids()).count()
                as u64,
            links: self.in_degree.iter().copied().map(u64::from).sum(),
            errors,
            warnings,
            infos,
            ignored,
            classes,
            emails: self.email_ids().map(|id| u64::from(self.in_degree[id.0 as usize])).sum(),
            partial: self.engine.limits_reached().collect(),
        }
    }

    /// What may differ from run to run.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.engine.statistics()
    }

    /// All that is neither `ok` nor ignored: the worst first, then by URL, fragment and class.
    pub fn findings(&self) -> impl Iterator<Item = Finding<'a>> + '_ {
        let counts = |verdict: &Verdict| verdict.class != Class::Ok && verdict.severity > Severity::Ignored;
        let mut keys: Vec<_> = self.verdicts().filter(|(.., verdict)| counts(verdict)).collect();
        keys.sort_by(|a, b| b.2.severity.cmp(&a.2.severity).then_with(|| self.compare(a, b)));
        Rows::new(self, keys)
    }

    /// Every URL that was checked or is linked to, with its verdict, `ok` included, by URL, fragment and class.
    /// Where only redirects lead has no referrers.
    pub fn links(&self) -> impl Iterator<Item = Finding<'a>> + '_ {
        let behind = |id: &UrlId| self.engine.is_checked(*id) && !self.engine.is_linked(*id);
        let behind = self.engine.url_ids().filter(behind);
        let behind = behind.map(|id| (id, None, Verdict::of(self.engine, &self.rules, id)));
        let mut keys: Vec<_> = self.verdicts().chain(behind).collect();
        keys.sort_by(|a, b| self.compare(a, b));
        Rows::new(self, keys)
    }

    /// The addresses that pages link to by `mailto:`, each once, in order, as they stand in the URL.
    pub fn emails(&self) -> impl Iterator<Item = &'a str> {
        let mut emails: Vec<_> = self.email_ids().map(|id| self.engine.url(id).rest).collect();
        emails.sort_unstable();
        emails.dedup();
        emails.into_iter()
    }

    fn email_ids(&self) -> impl Iterator<Item = UrlId> + '_ {
        self.engine
            .url_ids()
            .filter(|id| self.engine.is_linked(*id) && self.engine.url(*id).origin == "mailto:")
    }

    /// A verdict for each link target, and one more for each fragment of it that is dead.
    fn verdicts(&self) -> impl Iterator<Item = (UrlId, Option<TextId>, Verdict)> + '_ {
        let targets = self.engine.url_ids().filter(|id| self.engine.is_linked(*id));
        let targets = targets.map(|id| (id, None, Verdict::of(self.engine, &self.rules, id)));
        let dead = |(id, fragment): &(UrlId, TextId)| {
            (*id, Some(*fragment), Verdict::of_dead_fragment(self.engine, &self.rules, *id))
        };
        targets.chain(self.dead_fragments.iter().map(dead))
    }

    fn compare(
        &self,
        a: &(UrlId, Option<TextId>, Verdict),
        b: &(UrlId, Option<TextId>, Verdict),
    ) -> core::cmp::Ordering {
        let text = |fragment: Option<TextId>| fragment.map(|fragment| self.engine.text(fragment));
        let urls = self.engine.url(a.0).cmp(&self.engine.url(b.0));
        urls.then_with(|| text(a.1).cmp(&text(b.1))).then(a.2.class.cmp(&b.2.class)).then(a.0.cmp(&b.0))
    }
}

/// Whether a link to this fragment leads to a document that has no such place.
fn is_dead(engine: &Engine, target: UrlId, fragment: TextId) -> bool {
    let walk = Walk::from(engine, target);
    let fragment = engine.text(walk.fragment.unwrap_or(fragment));
    walk.lacks_element(engine, fragment) || walk.lacks_text(engine, fragment)
}
